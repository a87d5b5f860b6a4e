# SPDX-License-Identifier: GPL-2.0-only
#
# Picture of the noise measurement: for each run the length of every quantum in the order of
# time, and how often each length came. benchlib/noise.py sets names ('A|B'), nruns and
# long, and runs this where noise-0.dat, noise-1.dat ... are: number, length, interrupted.

set terminal pngcairo size 1200,900 font ",11"
set output "noise.png"
name(k) = system(sprintf("echo '%s' | cut -d'|' -f%d", names, k + 1))
file(k) = sprintf("noise-%d.dat", k)

# One scale for all, so that they can be compared.
most = 1.0
do for [k=0:nruns-1] {
	stats file(k) using 2 nooutput
	most = STATS_max > most ? STATS_max : most
}
top = most > long ? 1 + (most - 1) * 1.1 : long * 1.001
bin = (top - 1) / 60
centre(x) = 1 + bin * floor((x - 1) / bin) + bin / 2

set multiplot layout nruns,2 title "Length of equal quanta of work, in multiples of the shortest"
set border 3
set tics nomirror out
do for [k=0:nruns-1] {
	set title name(k)
	unset logscale y
	set xlabel "quantum"
	set ylabel "length"
	set yrange [1 - (top - 1) * 0.03:top]
	set xrange [*:*]
	plot file(k) using 1:($3 == 0 ? $2 : NaN) with points pt 7 ps 0.3 lc "#888888" \
		title "not interrupted", \
	     file(k) using 1:($3 == 1 ? $2 : NaN) with points pt 7 ps 0.5 lc "#cc3311" \
		title "interrupted"
	set title name(k) . ": histogram"
	set logscale y
	set xlabel "length"
	set ylabel "quanta"
	set yrange [0.5:*]
	set xrange [1 - bin:top]
	plot file(k) using (centre($2)):(1) smooth frequency with impulses lw 5 \
		lc "#888888" title "all", \
	     file(k) using (centre($2)):($3) smooth frequency with impulses lw 5 \
		lc "#cc3311" title "interrupted"
}
unset multiplot
