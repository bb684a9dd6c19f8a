package plain

import (
	"context"
	"errors"
)

// NewQuestion keeps the name and type that stand in the query buffer, looked up in a zone: Ask need not read them again.
// 0 means that they are no question. FreeQuestion gives it back.
func (i *Instance) NewQuestion(ctx context.Context, zone uint32) (uint32, error) {
	question, err := i.call(ctx, "pointsman_question_new", uint64(zone))
	return question, errors.Join(err, i.refresh())
}

// FreeQuestion forgets a question.
func (i *Instance) FreeQuestion(ctx context.Context, question uint32) error {
	_, err := i.call(ctx, "pointsman_question_free", uint64(question))
	return err
}

// NewClient keeps the facts about the client that stand in the query buffer. 0 means that one is not well-formed.
// FreeClient gives it back.
func (i *Instance) NewClient(ctx context.Context) (uint32, error) {
	client, err := i.call(ctx, "pointsman_client_new")
	return client, errors.Join(err, i.refresh())
}

// FreeClient forgets a client.
func (i *Instance) FreeClient(ctx context.Context, client uint32) error {
	_, err := i.call(ctx, "pointsman_client_free", uint64(client))
	return err
}

// Ask answers a kept question of a kept client; where one of the two is 0, the query buffer says it. An error is a trap:
// the instance must not be used any more.
func (i *Instance) Ask(ctx context.Context, view, question, client uint32, draw uint64) (Answer, Status, error) {
	i.stack = [4]uint64{uint64(view), uint64(question), uint64(client), draw}
	if err := i.ask.CallWithStack(ctx, i.stack[:]); err != nil {
		return Answer{}, BadArgument, err
	}
	return i.answer, Status(uint32(i.stack[0])), nil
}
