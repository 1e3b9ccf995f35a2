package storetest

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"testing"

	"roster/core"
)

// number is a value as a number, 0 for an absent key.
func number(value []byte) (int, error) {
	if value == nil {
		return 0, nil
	}
	return strconv.Atoi(string(value))
}

// add adds n to the number under key.
func add(tx core.Txn, key string, n int) error {
	value, err := tx.Get([]byte(key))
	if err != nil {
		return err
	}
	old, err := number(value)
	if err != nil {
		return err
	}
	return tx.Put([]byte(key), []byte(strconv.Itoa(old+n)))
}

// interleaved runs mine with theirs committed between the reads of its first
// run and its commit, and returns how often mine ran.
func (s *fixture) interleaved(mine, theirs func(tx txn)) (runs int) {
	s.t.Helper()
	s.update(func(tx txn) {
		runs++
		mine(tx)
		if runs == 1 {
			s.update(theirs)
		}
	})
	return runs
}

var conflicts = []testCase{
	{"an update that lost to another runs again from its reads", func(t *testing.T, s *fixture) {
		s.put("n", "1")
		runs := s.interleaved(
			func(tx txn) { tx.put("n", tx.get("n")+"+mine") },
			func(tx txn) { tx.put("n", tx.get("n")+"+theirs") })
		if runs != 2 {
			t.Errorf("the function ran %d times, want 2", runs)
		}
		s.want("n", "1+theirs+mine")
	}},
	{"writes of one key conflict without a read", func(t *testing.T, s *fixture) {
		for name, write := range map[string]func(tx txn){
			"put":    func(tx txn) { tx.put("n", "mine") },
			"delete": func(tx txn) { tx.delete("n") },
		} {
			for other, theirs := range map[string]func(tx txn){
				"put":    func(tx txn) { tx.put("n", "theirs") },
				"delete": func(tx txn) { tx.delete("n") },
			} {
				s.put("n", "0")
				if runs := s.interleaved(write, theirs); runs != 2 {
					t.Errorf("%s against %s ran %d times, want 2", name, other, runs)
				}
			}
		}
	}},
	{"creating a key twice conflicts", func(t *testing.T, s *fixture) {
		runs := s.interleaved(
			func(tx txn) { tx.put("n", tx.get("n")+"mine") },
			func(tx txn) { tx.put("n", "theirs+") })
		if runs != 2 {
			t.Errorf("the function ran %d times, want 2", runs)
		}
		s.want("n", "theirs+mine")
	}},
	{"one conflicting key of many runs the whole update again", func(t *testing.T, s *fixture) {
		runs := s.interleaved(
			func(tx txn) {
				for i := range 20 {
					key := fmt.Sprint("key", i)
					tx.put(key, tx.get(key)+"mine")
				}
			},
			func(tx txn) { tx.put("key7", "theirs+") })
		if runs != 2 {
			t.Errorf("the function ran %d times, want 2", runs)
		}
		s.want("key0", "mine", "key7", "theirs+mine", "key19", "mine")
	}},
	{"updates of different keys do not conflict", func(t *testing.T, s *fixture) {
		runs := s.interleaved(func(tx txn) { tx.put("a", "mine") }, func(tx txn) { tx.put("b", "theirs") })
		if runs != 1 {
			t.Errorf("the function ran %d times, want 1", runs)
		}
		s.want("a", "mine", "b", "theirs")
	}},
	{"an update runs again after every conflict", func(t *testing.T, s *fixture) {
		runs := 0
		s.update(func(tx txn) {
			runs++
			tx.put("n", tx.get("n")+"+mine")
			if runs <= 3 {
				s.update(func(tx txn) { tx.put("n", tx.get("n")+"+theirs"+strconv.Itoa(runs)) })
			}
		})
		if runs != 4 {
			t.Errorf("the function ran %d times, want 4", runs)
		}
		s.want("n", "+theirs1+theirs2+theirs3+mine")
	}},
	{"a new run starts without the writes of the last", func(t *testing.T, s *fixture) {
		s.put("kept", "1")
		runs := 0
		s.update(func(tx txn) {
			runs++
			if runs == 1 {
				tx.put("first", "1")
				tx.delete("kept")
				s.put("n", "theirs")
			}
			tx.want("n", map[bool]string{true: "", false: "theirs"}[runs == 1])
			tx.put("n", "mine")
		})
		if runs != 2 {
			t.Errorf("the function ran %d times, want 2", runs)
		}
		s.want("first", "", "kept", "1", "n", "mine")
	}},
	{"an error in a later run ends the update with nothing written", func(t *testing.T, s *fixture) {
		want, runs := &customError{"taken"}, 0
		got := s.tryUpdate(func(tx core.Txn) error {
			runs++
			x := txn{reader{tx, t}, tx}
			if x.get("name") != "" {
				return want
			}
			x.put("name", "mine")
			x.put("other", "mine")
			s.put("name", "theirs")
			return nil
		})
		if !same(got, want) || runs != 2 {
			t.Errorf("Update = %v after %d runs, want %v after 2", got, runs, want)
		}
		s.want("name", "theirs", "other", "")
	}},
	{"a counter under sixteen writers loses no update", func(t *testing.T, s *fixture) {
		const writers, each = 16, 5
		s.together(writers, func(int) error {
			for range each {
				if err := s.tryUpdate(func(tx core.Txn) error { return add(tx, "n", 1) }); err != nil {
					return err
				}
			}
			return nil
		})
		s.want("n", strconv.Itoa(writers*each))
	}},
	{"only one of many updates takes a name", func(t *testing.T, s *fixture) {
		taken := errors.New("taken")
		winners := make(chan int, 16)
		s.together(cap(winners), func(i int) error {
			err := s.tryUpdate(func(tx core.Txn) error {
				if held, err := tx.Get([]byte("name")); err != nil || held != nil {
					return errors.Join(err, taken)
				}
				return tx.Put([]byte("name"), []byte(strconv.Itoa(i)))
			})
			switch {
			case err == nil:
				winners <- i
			case !errors.Is(err, taken):
				return err
			}
			return nil
		})
		if len(winners) != 1 {
			t.Fatalf("%d updates took the name, want 1", len(winners))
		}
		s.want("name", strconv.Itoa(<-winners))
	}},
	{"transfers keep the sum in every snapshot", func(t *testing.T, s *fixture) {
		accounts := []string{"account0", "account1", "account2", "account3", "account4"}
		for _, account := range accounts {
			s.put(account, "100")
		}
		balances := func(r reader) (sum int) {
			for _, item := range r.scan(core.Range{Start: []byte("account"), End: []byte("accounu")}).Items {
				n, err := number(item.Value)
				if err != nil {
					t.Fatal(err)
				}
				sum += n
			}
			return sum
		}
		done := make(chan struct{})
		go func() {
			defer close(done)
			s.together(4, func(i int) error {
				for n := range 6 {
					from, to := accounts[(i+n)%5], accounts[(2*i+3*n+1)%5]
					err := s.tryUpdate(func(tx core.Txn) error {
						if err := add(tx, from, -1-n); err != nil {
							return err
						}
						return add(tx, to, 1+n)
					})
					if err != nil {
						return err
					}
				}
				return nil
			})
		}()
		var seen []uint64
		for running := true; running; {
			select {
			case <-done:
				running = false
			default:
			}
			s.view(func(r reader) {
				if sum := balances(r); sum != 500 {
					t.Fatalf("the sum in a snapshot is %d, want 500", sum)
				}
				seen = append(seen, r.Version())
			})
		}
		for _, version := range slices.Compact(seen[max(0, len(seen)-50):]) {
			s.viewAt(version, func(r reader) {
				if sum := balances(r); sum != 500 {
					t.Fatalf("the sum at version %d is %d, want 500", version, sum)
				}
			})
		}
	}},
}
