package pointsman

import (
	"hash/maphash"

	"pointsman.example/coredns/plain"
)

// How many questions and clients an instance keeps: some 100 and 400 bytes of its memory each.
const (
	questionsMax = 4096
	clientsMax   = 1024
)

// question is what is kept by name and type.
type question struct {
	name  string
	qtype uint16
}

var seed = maphash.MakeSeed()

// kept are handles of what an instance keeps, each in the one place that its hash gives it. What comes for the first time
// only leaves its hash there; it is kept when it is the next to come back, so that a storm of names that nobody asks
// twice neither fills the instance nor drives out what is asked all the time.
type kept[K comparable] []keptEntry[K]

type keptEntry[K comparable] struct {
	key    K
	handle uint32 // 0 while nothing is kept here
	seen   uint64 // the hash of the last that came in vain
}

func keptIn[K comparable](size int) kept[K] { return make(kept[K], size) }

// find gives the handle of a key, or 0; and the place where it is to be kept now, if it is.
func (k kept[K]) find(key K) (uint32, *keptEntry[K]) {
	hash := maphash.Comparable(seed, key)
	entry := &k[hash%uint64(len(k))]
	switch {
	case entry.handle != 0 && entry.key == key:
		return entry.handle, nil
	case entry.seen == hash:
		return 0, entry
	}
	entry.seen = hash
	return 0, nil
}

// tell gives the slot's instance a question and its client: by the handles of what it keeps, or with 0 in its buffer. The
// caller holds the slot. An error other than plain.ErrName is a trap.
func (a *answering) tell(s *slot, name string, qtype uint16) (question, client uint32, err error) {
	question, newQuestion := s.questions.find(questionOf(name, qtype))
	client, newClient := s.clients.find(a.client.key())
	if question != 0 && client != 0 {
		return question, client, nil
	}
	query := s.instance.Query()
	query.Reset()
	if question == 0 {
		length, err := plain.PackName(query.NameBuffer(), name)
		if err != nil {
			return 0, 0, plain.ErrName
		}
		query.SetNameLength(length)
		query.SetType(qtype)
	}
	if client == 0 {
		a.client.fill(query)
		if a.p.vpcRegion != 0 {
			query.SetVpcRegion(a.p.vpcRegion)
		}
	}
	if newQuestion != nil {
		if newQuestion.handle != 0 {
			if err = s.instance.FreeQuestion(background, newQuestion.handle); err != nil {
				return 0, 0, err
			}
		}
		question, err = s.instance.NewQuestion(background, s.zone.Handle)
		newQuestion.key, newQuestion.handle = questionOf(name, qtype), question
	}
	if newClient != nil && err == nil {
		if newClient.handle != 0 {
			if err = s.instance.FreeClient(background, newClient.handle); err != nil {
				return 0, 0, err
			}
		}
		client, err = s.instance.NewClient(background)
		newClient.key, newClient.handle = a.client.key(), client
	}
	return question, client, err
}

func questionOf(name string, qtype uint16) question { return question{name: name, qtype: qtype} }
