-- SPDX-License-Identifier: GPL-2.0-only
-- Strings, patterns, metatables, files.
local words = {}
for word in ("the quick brown fox jumps over the lazy dog"):gmatch("%a+") do
	words[#words + 1] = word:upper():reverse()
end
print(table.concat(words, " "))
print(("%5.2f|%-8s|%x|%q"):format(3.14159, "left", 255, "a\nb"))
print(("key = value"):match("^(%w+)%s*=%s*(%w+)$"))
print(("hello"):gsub("l", { l = "L" }))
print(#("x"):rep(1000000), ("abc"):byte(1, -1))
local vector = setmetatable({ 1, 2 }, { __add = function(a, b) return a[1] + b[1] end,
	__index = function(_, key) return key .. "?" end })
print(vector + vector, vector.missing)
local file = assert(io.open("lines", "w"))
for i = 1, 1000 do
	file:write(i, "\n")
end
file:close()
local sum = 0
for line in io.lines("lines") do
	sum = sum + tonumber(line)
end
print(sum, os.rename("lines", "renamed"), os.remove("none"))
print(utf8.len("Grüße"), utf8.codepoint("ß"), string.pack(">I4z", 7, "end"):byte(1, -1))
print(pcall(error, "thrown"), select("#", 1, nil, nil))
print(math.maxinteger + 1 == math.mininteger, 1 / 0, -7 // 2, -7 % 3)
