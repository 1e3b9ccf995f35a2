package core

// Subject is what a failure is about, where MySQL has a number of its own for it;
// REST tells only the Code.
type Subject int

const (
	// TheInstance is missing, or its id is taken.
	TheInstance Subject = iota + 1
	// TheCluster has its id or name taken.
	TheCluster
	// TheUser of the MySQL front is missing, or its name is taken.
	TheUser
	// ADuplicate is an endpoint, a name or a configuration that is there already.
	ADuplicate
	// Dependents still hold, or are held by, what is to be dropped.
	Dependents
	// AValue is none of those that a field takes.
	AValue
)

// refined are the failures whose number depends on their subject.
var refined = map[Code]map[Subject]SQLCode{
	NotFound:        {TheInstance: {1049, "42000"}, TheUser: {1396, "HY000"}},
	AlreadyExisted:  {TheInstance: {1007, "HY000"}, TheCluster: {1050, "42S01"}, TheUser: {1396, "HY000"}, Dependents: {1451, "23000"}},
	InvalidArgument: {ADuplicate: {1062, "23000"}, Dependents: {1451, "23000"}, AValue: {1231, "42000"}},
}

// About says what the failure is about.
func (e *Error) About(s Subject) *Error {
	e.subject = s
	return e
}

// Subject is what the failure is about, 0 where that makes no difference.
func (e *Error) Subject() Subject { return e.subject }

// SQL is the number and SQLSTATE that a MySQL client gets.
func (e *Error) SQL() SQLCode {
	if own, ok := refined[e.Code][e.subject]; ok {
		return own
	}
	return codes[e.Code].sql
}
