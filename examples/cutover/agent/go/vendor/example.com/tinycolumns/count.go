// Package tinycolumns counts rows.
package tinycolumns

// Count returns the number of rows.
func Count[V any](rows map[string]V) int { return len(rows) }
