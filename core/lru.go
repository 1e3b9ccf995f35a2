package core

import "container/list"

// lru keeps values of a bounded size together: those go that were used least
// recently. Who uses it has a lock.
type lru[K comparable, V any] struct {
	max, bytes int
	kept       map[K]*list.Element
	used       list.List // the latest at the front
}

type lruEntry[K comparable, V any] struct {
	key   K
	value V
	bytes int
}

func newLRU[K comparable, V any](max int) lru[K, V] {
	return lru[K, V]{max: max, kept: map[K]*list.Element{}}
}

// find returns what is kept for a key, or a zero value.
func (l *lru[K, V]) find(key K) (value V) {
	e := l.kept[key]
	if e == nil {
		return value
	}
	l.used.MoveToFront(e)
	return e.Value.(*lruEntry[K, V]).value
}

// take is find for one who does not leave it there.
func (l *lru[K, V]) take(key K) (value V) {
	e := l.kept[key]
	if e == nil {
		return value
	}
	return l.drop(e)
}

// keep takes the place of what was there. What is larger than the bound is not kept.
func (l *lru[K, V]) keep(key K, value V, bytes int) {
	l.take(key)
	if bytes > l.max {
		return
	}
	for l.bytes+bytes > l.max {
		l.drop(l.used.Back())
	}
	l.kept[key] = l.used.PushFront(&lruEntry[K, V]{key, value, bytes})
	l.bytes += bytes
}

// maxShare is the part of the bound that one value may take with keepShare.
const maxShare = 4

// keepShare is keep for values none of which may take the place of most others.
func (l *lru[K, V]) keepShare(key K, value V, bytes int) {
	if bytes > l.max/maxShare {
		l.take(key)
		return
	}
	l.keep(key, value, bytes)
}

func (l *lru[K, V]) drop(e *list.Element) V {
	old := l.used.Remove(e).(*lruEntry[K, V])
	delete(l.kept, old.key)
	l.bytes -= old.bytes
	return old.value
}
