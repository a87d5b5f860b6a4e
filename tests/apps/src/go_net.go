// SPDX-License-Identifier: GPL-2.0-only

// Connections to a server in the same program, served by few threads. Go's package net stands on the
// C library, whose threads those are.
package main

import (
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
)

const clients = 16

func must(err error) {
	if err != nil {
		panic(err)
	}
}

// Until nobody listens any more.
func serve(listener net.Listener) {
	for {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		go func() {
			io.Copy(conn, conn)
			conn.Close()
		}()
	}
}

func ask(address net.Addr, text string) int {
	conn, err := net.Dial(address.Network(), address.String())
	must(err)
	defer conn.Close()
	go func() {
		io.WriteString(conn, text)
		conn.(interface{ CloseWrite() error }).CloseWrite()
	}()
	answer, err := io.ReadAll(conn)
	must(err)
	if string(answer) != text {
		panic("another text")
	}
	return len(answer)
}

func main() {
	for _, where := range [][2]string{{"tcp", "127.0.0.1:0"}, {"unix", "socket"}} {
		var all sync.WaitGroup
		var bytes int64

		listener, err := net.Listen(where[0], where[1])
		must(err)
		go serve(listener)
		for i := 1; i <= clients; i++ {
			all.Add(1)
			go func(n int) {
				defer all.Done()
				text := strings.Repeat("text ", 1000*n)
				atomic.AddInt64(&bytes, int64(ask(listener.Addr(), text)))
			}(i)
		}
		all.Wait()
		listener.Close()
		fmt.Println(where[0], "echoed:", bytes)
	}
}
