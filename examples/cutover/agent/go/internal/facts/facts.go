// Package facts reads and selects facts.
package facts

import (
	"fmt"
	"strings"
)

// Read reads "key = value" lines; empty lines and comments do not count.
func Read(text string) (map[string]string, error) {
	found := map[string]string{}
	for i, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		key, value, ok := strings.Cut(line, "=")
		if !ok {
			return nil, fmt.Errorf("line %d: no \"=\"", i+1)
		}
		found[strings.TrimSpace(key)] = strings.TrimSpace(value)
	}
	return found, nil
}

// Select keeps the facts whose key begins with prefix.
func Select(all map[string]string, prefix string) map[string]string {
	kept := map[string]string{}
	for key, value := range all {
		if strings.HasPrefix(key, prefix) {
			kept[key] = value
		}
	}
	return kept
}
