package model

import (
	"encoding/json"
	"fmt"
)

// Kind is what an operation does, as the REST API names it.
type Kind string

// The operations that the model knows.
const (
	GetInstance       Kind = "get_instance"
	SetInstanceStatus Kind = "set_instance_status"
	AddCluster        Kind = "add_cluster"
	DropCluster       Kind = "drop_cluster"
	RenameCluster     Kind = "rename_cluster"
	SetClusterStatus  Kind = "set_cluster_status"
	SetClusterUsers   Kind = "update_cluster_mysql_user_name"
	AddNode           Kind = "add_node"
	DropNode          Kind = "drop_node"
)

// Request is what a client asked for. Which fields count depends on the kind.
type Request struct {
	Kind     Kind   `json:"kind"`
	Instance string `json:"instance"`
	// ID is the client's own for the request, "" for none.
	ID string `json:"id,omitempty"`
	// Cluster is the id of the cluster meant.
	Cluster string   `json:"cluster,omitempty"`
	Name    string   `json:"name,omitempty"`
	Status  string   `json:"status,omitempty"`
	Users   []string `json:"users,omitempty"`
	Nodes   []Node   `json:"nodes,omitempty"`
}

// Answer is what the client knows of the outcome.
type Answer struct {
	Code Code `json:"code"`
	// Document is what a successful GetInstance saw.
	Document *Document `json:"document,omitempty"`
}

// Code is the code of an answer, as the REST API spells it.
type Code string

// The codes that the model can explain.
const (
	OK              Code = "OK"
	InvalidArgument Code = "INVALID_ARGUMENT"
	NotFound        Code = "NOT_FOUND"
	AlreadyExisted  Code = "ALREADY_EXISTED"
	// Conflict and Internal promise that nothing was written.
	Conflict Code = "CONFLICT"
	Internal Code = "INTERNAL_ERROR"
	// Undetermined is also the code of a request whose answer was lost.
	Undetermined Code = "UNDETERMINED"
)

// Known tells whether the model can explain a code; no document explains others.
func (c Code) Known() bool {
	switch c {
	case OK, InvalidArgument, NotFound, AlreadyExisted, Conflict, Internal, Undetermined:
		return true
	}
	return false
}

func (r Request) String() string {
	text, _ := json.Marshal(r)
	return string(text)
}

func (a Answer) String() string {
	if a.Document == nil {
		return string(a.Code)
	}
	return fmt.Sprintf("%s %v", a.Code, *a.Document)
}

func (d Document) String() string {
	text, _ := json.Marshal(d)
	return string(text)
}
