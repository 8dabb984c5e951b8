// A proxy of Go's standard library: net/http/httputil.ReverseProxy, as it comes.
package main

import (
	"fmt"
	"log"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"runtime"
	"strings"
)

func main() {
	origin := &url.URL{Scheme: "http", Host: os.Getenv("SSESPEC_ORIGIN")}
	version := strings.TrimPrefix(runtime.Version(), "go")
	fmt.Printf("{\"op\":\"hello\",\"name\":\"httputil.ReverseProxy\",\"version\":%q}\n", version)
	proxy := &httputil.ReverseProxy{Rewrite: func(request *httputil.ProxyRequest) {
		request.SetURL(origin)
	}}
	log.Fatal(http.ListenAndServe(os.Getenv("SSESPEC_VIA"), proxy))
}
