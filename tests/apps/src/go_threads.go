// SPDX-License-Identifier: GPL-2.0-only

// Threads, and what Go's runtime does with them: it makes them by clone(2), stops those that compute
// by signals, turns a fault into a panic, waits for timers and pipes with epoll, and starts programs.
package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

const threads = 32

func must(err error) {
	if err != nil {
		panic(err)
	}
}

// Goroutines that have a thread each, and end with it.
func ownThreads() {
	var ready, done sync.WaitGroup
	var lock sync.Mutex
	ids := map[int]bool{}
	release := make(chan bool)

	ready.Add(threads)
	done.Add(threads)
	for i := 0; i < threads; i++ {
		go func() {
			runtime.LockOSThread()
			lock.Lock()
			ids[syscall.Gettid()] = true
			lock.Unlock()
			ready.Done()
			<-release
			done.Done()
		}()
	}
	ready.Wait()
	tasks, err := os.ReadDir("/proc/self/task")
	must(err)
	fmt.Println("threads:", len(ids), len(tasks) > threads)
	close(release)
	done.Wait()
}

// Many goroutines on few threads.
func sums() {
	results := make(chan int)

	for i := 0; i < 1000; i++ {
		go func(n int) {
			sum := 0
			for j := 0; j <= n; j++ {
				sum += j
			}
			results <- sum
		}(i)
	}
	total := 0
	for i := 0; i < 1000; i++ {
		total += <-results
	}
	fmt.Println("sum:", total)
}

// A collection waits until every thread has stopped, also one in a loop without calls.
func stopLoop() {
	var turns, stop uint64

	ended := make(chan bool)
	go func() {
		for atomic.LoadUint64(&stop) == 0 {
			atomic.AddUint64(&turns, 1)
		}
		ended <- true
	}()
	for atomic.LoadUint64(&turns) == 0 {
		runtime.Gosched()
	}
	for i := 0; i < 3; i++ {
		runtime.GC()
	}
	atomic.StoreUint64(&stop, 1)
	<-ended
	fmt.Println("collected beside a loop")
}

func garbage() {
	var kept [64][]byte

	for i := 0; i < 2000; i++ {
		block := make([]byte, 32<<10)
		block[0] = byte(i)
		block[len(block)-1] = byte(i)
		kept[i%len(kept)] = block
	}
	sum := 0
	for _, block := range kept {
		sum += int(block[0]) + int(block[len(block)-1])
	}
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	fmt.Println("garbage:", sum, stats.NumGC > 3)
}

func fault() {
	var nothing *[4]int

	defer func() {
		var err runtime.Error
		fmt.Println("fault:", errors.As(recover().(error), &err), err)
	}()
	fmt.Println(nothing[3])
}

func signals() {
	seen := make(chan os.Signal, 1)

	signal.Notify(seen, syscall.SIGUSR1, syscall.SIGTERM)
	for _, number := range []syscall.Signal{syscall.SIGUSR1, syscall.SIGTERM} {
		must(syscall.Kill(os.Getpid(), number))
		fmt.Println("signal:", <-seen)
	}
}

func timers() {
	var fired sync.WaitGroup

	fired.Add(3)
	begin := time.Now()
	for _, ms := range []time.Duration{30, 10, 20} {
		time.AfterFunc(ms*time.Millisecond, fired.Done)
	}
	fired.Wait()
	fmt.Println("timers:", time.Since(begin) >= 30*time.Millisecond)
}

func programs() {
	var all sync.WaitGroup
	var lines [4]string

	for i := range lines {
		all.Add(1)
		go func(n int) {
			defer all.Done()
			cmd := exec.Command("tr", "a-d", "A-D")
			cmd.Stdin = strings.NewReader(fmt.Sprint("abcdef ", n))
			out, err := cmd.Output()
			must(err)
			lines[n] = string(out)
		}(i)
	}
	all.Wait()
	err := exec.Command("sh", "-c", "kill -KILL $$").Run()
	fmt.Println("programs:", lines, err)
}

func main() {
	fmt.Println("hello from Go")
	ownThreads()
	sums()
	stopLoop()
	garbage()
	fault()
	signals()
	timers()
	programs()
}
