package mysqlfront

import (
	"errors"
	"net"
	"testing"
	"testing/synctest"
	"time"
)

func TestTurnstile(t *testing.T) {
	const longest = time.Minute
	enter := func(t *testing.T, s turnstile) func() {
		t.Helper()
		leave, err := s.enter(longest)
		if err != nil {
			t.Fatal(err)
		}
		return leave
	}
	t.Run("the next waits for a place", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			s := make(turnstile, 2)
			first, second := enter(t, s), enter(t, s)
			passed := make(chan func(), 1)
			go func() { passed <- enter(t, s) }()
			synctest.Wait()
			if len(passed) != 0 {
				t.Error("a third passed")
			}
			first()
			first() // gives no other's place back
			third := <-passed
			if len(s) != 2 {
				t.Errorf("%d places are taken, want 2", len(s))
			}
			second()
			third()
			if len(s) != 0 {
				t.Errorf("%d places are taken, want none", len(s))
			}
		})
	})
	t.Run("a wait has its end", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			s := make(turnstile, 1)
			s <- struct{}{}
			if _, err := s.enter(longest); !errors.Is(err, errCrowded) {
				t.Errorf("got %v, want %v", err, errCrowded)
			}
		})
	})
}

func TestEncryptedLoginTakesAPlace(t *testing.T) {
	for name, end := range map[string]func(*loginConn){"until it is trusted": (*loginConn).trust, "until it has failed": (*loginConn).left} {
		t.Run(name, func(t *testing.T) {
			near, far := net.Pipe()
			sent := make(chan error, 1)
			go func() {
				_, err := near.Write(finish(make([]byte, headerBytes+sslRequestBytes), 1))
				sent <- err
			}()
			places := make(turnstile, 1)
			l := newLoginConn(far, true, 1<<20, func() (func(), error) { return places.enter(time.Minute) })
			for range 2 { // the header, the payload
				if _, err := l.Read(make([]byte, sslRequestBytes)); err != nil {
					t.Fatal(err)
				}
			}
			if err := <-sent; err != nil {
				t.Fatal(err)
			}
			if len(places) != 1 {
				t.Error("no place is taken")
			}
			end(l)
			if len(places) != 0 {
				t.Error("the place is taken still")
			}
			if err := errors.Join(near.Close(), far.Close()); err != nil {
				t.Fatal(err)
			}
		})
	}
}
