// Go peer on net/http: one goroutine per hi().
package main

import (
	"encoding/json"
	"log"
	"net/http"
	"os"
	"runtime"
	"strconv"
	"sync"
	"time"
)

type output struct {
	mu    sync.Mutex
	words []string
}

func (o *output) add(word string) {
	o.mu.Lock()
	o.words = append(o.words, word)
	o.mu.Unlock()
}

// sleep gives way even for a delay of 0, as asyncio.sleep(0) does: time.Sleep(0) returns at once.
func sleep(delay time.Duration) {
	if delay == 0 {
		runtime.Gosched()
		return
	}
	time.Sleep(delay)
}

func hi(o *output, delay time.Duration) {
	o.add("Hello")
	sleep(delay)
	o.add("World")
}

func parallel(o *output, count int, delay time.Duration) {
	var wg sync.WaitGroup
	wg.Add(count)
	for i := 0; i < count; i++ {
		go func() {
			defer wg.Done()
			hi(o, delay)
		}()
	}
	wg.Wait()
}

func sequence(o *output, count int, delay time.Duration) {
	for i := 0; i < count; i++ {
		hi(o, delay)
	}
}

func natural(text string, fallback int) (int, bool) {
	if text == "" {
		return fallback, true
	}
	value, err := strconv.Atoi(text)
	return value, err == nil && value >= 0
}

func send(w http.ResponseWriter, status int, value any) {
	body, err := json.Marshal(value)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	w.Write(body)
}

type reply struct {
	Output  []string `json:"output"`
	Elapsed float64  `json:"elapsed_seconds"`
}

func handle(run func(o *output, count int, delay time.Duration)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet {
			send(w, http.StatusMethodNotAllowed, map[string]string{"error": "method not allowed"})
			return
		}
		query := r.URL.Query()
		count, ok1 := natural(query.Get("count"), 3)
		delay, ok2 := natural(query.Get("delay_ms"), 1000)
		if !ok1 || !ok2 {
			send(w, http.StatusUnprocessableEntity, map[string]string{"error": "bad count or delay_ms"})
			return
		}
		start := time.Now()
		o := output{words: []string{}}
		run(&o, count, time.Duration(delay)*time.Millisecond)
		send(w, http.StatusOK, reply{o.words, float64(time.Since(start).Microseconds()) / 1e6})
	}
}

func main() {
	port := os.Getenv("PORT")
	mux := http.NewServeMux()
	mux.Handle("/hi", handle(func(o *output, _ int, delay time.Duration) { hi(o, delay) }))
	mux.Handle("/parallel", handle(parallel))
	mux.Handle("/sequence", handle(sequence))
	server := &http.Server{Addr: "127.0.0.1:" + port, Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	log.Fatal(server.ListenAndServe())
}
