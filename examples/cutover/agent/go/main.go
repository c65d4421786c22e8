// Command beacon prints the facts of a file as JSON.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"

	"example.com/lighthouse/agent/internal/facts"
	"example.com/tinycolumns"
)

func main() { os.Exit(run()) }

func run() int {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: beacon FILE")
		return 2
	}
	text, err := os.ReadFile(os.Args[1])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	found, err := facts.Read(string(text))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	found = facts.Select(found, os.Getenv("BEACON_PREFIX"))
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	// Maps are written in the order of their keys.
	if err := encoder.Encode(map[string]any{"count": tinycolumns.Count(found), "facts": found}); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	os.Stdout.Write(out.Bytes())
	return 0
}
