package golden

import (
	"testing"

	"example.com/lighthouse/agent/internal/facts"
)

func TestReadsFacts(t *testing.T) {
	found, err := facts.Read("# host\n a = 1\nb=x=y\n")
	if err != nil || found["a"] != "1" || found["b"] != "x=y" || len(found) != 2 {
		t.Fatalf("%v %v", found, err)
	}
}
