// Go's net/http, as it comes: HTTP/1 without TLS, HTTP/2 with it.
package main

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"sync"
	"time"
)

var base = os.Args[2]

func request(client *http.Client, method, path string, body []byte) (*http.Response, error) {
	var reader io.Reader
	if body != nil {
		reader = bytes.NewReader(body)
	}
	asked, err := http.NewRequest(method, base+path, reader)
	if err != nil {
		return nil, err
	}
	return client.Do(asked)
}

func status(client *http.Client, method, path string, body []byte) string {
	answer, err := request(client, method, path, body)
	if err != nil {
		return err.Error()
	}
	defer answer.Body.Close()
	if _, err = io.Copy(io.Discard, answer.Body); err != nil {
		return err.Error()
	}
	return fmt.Sprint(answer.StatusCode)
}

func arrivals(client *http.Client) []float64 {
	began := time.Now()
	answer, err := request(client, "GET", "/sequence?count=3&delay=400ms&format=text", nil)
	if err != nil {
		panic(err)
	}
	defer answer.Body.Close()
	times, piece := []float64{}, make([]byte, 65536)
	for {
		n, err := answer.Body.Read(piece)
		if n > 0 {
			times = append(times, time.Since(began).Seconds())
		}
		if err != nil {
			return times
		}
	}
}

func large(client *http.Client) int {
	answer, err := request(client, "GET", "/parallel?count=1000&delay=1ms&timeline=true", nil)
	if err != nil {
		panic(err)
	}
	defer answer.Body.Close()
	var document struct{ Output []string }
	if err := json.NewDecoder(answer.Body).Decode(&document); err != nil {
		panic(err)
	}
	return len(document.Output)
}

func ask(client *http.Client) map[string]any {
	statuses := []string{}
	for i := 0; i < 10; i++ {
		statuses = append(statuses, status(client, "GET", "/hi?delay=0", nil),
			status(client, "POST", "/hi", []byte("hi")), status(client, "HEAD", "/hi?delay=0", nil))
	}
	return map[string]any{"statuses": statuses, "large": large(client), "arrivals": arrivals(client)}
}

func upload(client *http.Client) map[string]any {
	statuses := []string{}
	for i := 0; i < 10; i++ {
		statuses = append(statuses, status(client, "POST", "/hi", make([]byte, 1000000)))
	}
	return map[string]any{"statuses": statuses}
}

func load(client *http.Client) map[string]any {
	var lock sync.Mutex
	var clients sync.WaitGroup
	outcomes, isOver := map[string]int{}, make(chan bool)
	for i := 0; i < 8; i++ {
		clients.Add(1)
		go func() {
			defer clients.Done()
			for {
				for _, outcome := range []string{status(client, "GET", "/hi?delay=5ms", nil),
					status(client, "POST", "/hi", []byte("hi"))} {
					lock.Lock()
					outcomes[outcome]++
					lock.Unlock()
				}
				select {
				case <-isOver:
					return
				default:
				}
			}
		}()
	}
	io.Copy(io.Discard, os.Stdin)
	close(isOver)
	clients.Wait()
	return map[string]any{"outcomes": outcomes}
}

func main() {
	certificate, err := os.ReadFile("cert.pem")
	if err != nil {
		panic(err)
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost = 8
	transport.TLSClientConfig = &tls.Config{RootCAs: x509.NewCertPool()}
	transport.TLSClientConfig.RootCAs.AppendCertsFromPEM(certificate)
	client := &http.Client{Transport: transport}
	modes := map[string]func(*http.Client) map[string]any{"ask": ask, "upload": upload, "load": load}
	json.NewEncoder(os.Stdout).Encode(modes[os.Args[1]](client))
}
