package pointsman

import (
	"hash/maphash"

	"pointsman.example/coredns/plain"
)

// How many questions and clients an instance keeps: some 100 and 400 bytes of its memory each.
const (
	maxQuestions = 4096
	maxClients   = 1024
)

// question is what is kept by name and type.
type question struct {
	name  string
	qtype uint16
}

var hashSeed = maphash.MakeSeed()

// handleCache holds handles of what an instance keeps, each in the one place that its hash gives it. What comes for the
// first time only leaves its hash there; it is kept when it is the next to come back, so that a storm of names that nobody
// asks twice neither fills the instance nor drives out what is asked all the time.
type handleCache[K comparable] []handleEntry[K]

type handleEntry[K comparable] struct {
	key    K
	handle uint32 // 0 while nothing is kept here
	seen   uint64 // the hash of the last key that was not kept
}

func newHandleCache[K comparable](size int) handleCache[K] { return make(handleCache[K], size) }

// find returns the handle of a key, or 0; and the place where it is to be kept now, if it is.
func (c handleCache[K]) find(key K) (uint32, *handleEntry[K]) {
	hash := maphash.Comparable(hashSeed, key)
	entry := &c[hash%uint64(len(c))]
	switch {
	case entry.handle != 0 && entry.key == key:
		return entry.handle, nil
	case entry.seen == hash:
		return 0, entry
	}
	entry.seen = hash
	return 0, nil
}

// writeQuery gives the slot's instance a question and its client: by the handles of what it keeps, or with 0 in its
// buffer. The caller holds the slot. An error other than plain.ErrName is a trap.
func (q *queryContext) writeQuery(g *generation, s *slot, name string, qtype uint16) (questionHandle, clientHandle uint32, err error) {
	asked := question{name, qtype}
	questionHandle, newQuestion := s.questions.find(asked)
	clientHandle, newClient := s.clients.find(q.client.key())
	if questionHandle != 0 && clientHandle != 0 {
		return questionHandle, clientHandle, nil
	}
	query := s.instance.Query()
	query.Reset()
	if questionHandle == 0 {
		length, err := plain.PackName(query.NameBuffer(), name)
		if err != nil {
			return 0, 0, plain.ErrName
		}
		query.SetNameLength(length)
		query.SetType(qtype)
	}
	if clientHandle == 0 {
		q.client.fill(query)
		if q.p.vpcRegion != 0 {
			query.SetVpcRegion(q.p.vpcRegion)
		}
	}
	if newQuestion != nil {
		if newQuestion.handle != 0 {
			if err = s.instance.FreeQuestion(background, newQuestion.handle); err != nil {
				return 0, 0, err
			}
		}
		questionHandle, err = s.instance.NewQuestion(background, g.zone.Handle)
		newQuestion.key, newQuestion.handle = asked, questionHandle
	}
	if newClient != nil && err == nil {
		if newClient.handle != 0 {
			if err = s.instance.FreeClient(background, newClient.handle); err != nil {
				return 0, 0, err
			}
		}
		clientHandle, err = s.instance.NewClient(background)
		newClient.key, newClient.handle = q.client.key(), clientHandle
	}
	return questionHandle, clientHandle, err
}
