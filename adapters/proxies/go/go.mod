module ssespec.test/proxies

go 1.22
