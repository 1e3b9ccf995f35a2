package model

import "testing"

// TestRules has every operation on one document.
func TestRules(t *testing.T) {
	doc := Document{Status: Normal, Clusters: []Cluster{
		{ID: "a", Name: "name_a", Status: Suspended, Users: []string{"u1"}, Nodes: []Node{first, second}},
		{ID: "b", Name: "name_b", Status: Normal},
	}}
	changed := func(change func(a, b *Cluster)) Document {
		a, b := doc.Clusters[0], doc.Clusters[1]
		change(&a, &b)
		return Document{Status: Normal, Clusters: []Cluster{a, b}}
	}
	third := Node{"u3", "10.0.0.3:9050"}
	for name, c := range map[string]struct {
		request Request
		code    Code
		// after is the document if the code is OK; it stays if not.
		after Document
	}{
		"a read":                        {Request{Kind: GetInstance}, OK, doc},
		"an instance to overdue":        {Request{Kind: SetInstanceStatus, Status: Overdue}, OK, Document{Status: Overdue, Clusters: doc.Clusters}},
		"an instance to what it is":     {Request{Kind: SetInstanceStatus, Status: Normal}, InvalidArgument, doc},
		"a new cluster":                 {Request{Kind: AddCluster, Cluster: "c", Name: "name_c", Nodes: []Node{third}}, OK, Document{Status: Normal, Clusters: append(doc.Clusters[:2:2], Cluster{ID: "c", Name: "name_c", Status: Normal, Nodes: []Node{third}})}},
		"a new cluster of a used id":    {Request{Kind: AddCluster, Cluster: "a", Name: "name_c"}, AlreadyExisted, doc},
		"a new cluster of a used name":  {Request{Kind: AddCluster, Cluster: "c", Name: "name_b"}, AlreadyExisted, doc},
		"a new cluster of a used node":  {Request{Kind: AddCluster, Cluster: "c", Name: "name_c", Nodes: []Node{third, second}}, AlreadyExisted, doc},
		"a drop":                        {Request{Kind: DropCluster, Cluster: "b"}, OK, Document{Status: Normal, Clusters: doc.Clusters[:1]}},
		"a drop of nothing":             {Request{Kind: DropCluster, Cluster: "c"}, NotFound, doc},
		"a name":                        {Request{Kind: RenameCluster, Cluster: "b", Name: "name_c"}, OK, changed(func(_, b *Cluster) { b.Name = "name_c" })},
		"a name of another":             {Request{Kind: RenameCluster, Cluster: "b", Name: "name_a"}, InvalidArgument, doc},
		"a name it has":                 {Request{Kind: RenameCluster, Cluster: "b", Name: "name_b"}, InvalidArgument, doc},
		"a name of nothing":             {Request{Kind: RenameCluster, Cluster: "c", Name: "name_c"}, InvalidArgument, doc},
		"the next status":               {Request{Kind: SetClusterStatus, Cluster: "a", Status: ToResume}, OK, changed(func(a, _ *Cluster) { a.Status = ToResume })},
		"a status too far":              {Request{Kind: SetClusterStatus, Cluster: "a", Status: Normal}, InvalidArgument, doc},
		"a status it has":               {Request{Kind: SetClusterStatus, Cluster: "a", Status: Suspended}, InvalidArgument, doc},
		"a status of nothing":           {Request{Kind: SetClusterStatus, Cluster: "c", Status: Suspended}, InvalidArgument, doc},
		"users":                         {Request{Kind: SetClusterUsers, Cluster: "b", Users: []string{"u1"}}, OK, changed(func(_, b *Cluster) { b.Users = []string{"u1"} })},
		"users it has":                  {Request{Kind: SetClusterUsers, Cluster: "a", Users: []string{"u1"}}, InvalidArgument, doc},
		"users of nothing":              {Request{Kind: SetClusterUsers, Cluster: "c", Users: []string{"u1"}}, InvalidArgument, doc},
		"a node":                        {Request{Kind: AddNode, Cluster: "b", Nodes: []Node{third}}, OK, changed(func(_, b *Cluster) { b.Nodes = []Node{third} })},
		"a node it has":                 {Request{Kind: AddNode, Cluster: "a", Nodes: []Node{third, first}}, InvalidArgument, doc},
		"a node of another":             {Request{Kind: AddNode, Cluster: "b", Nodes: []Node{first}}, InvalidArgument, doc},
		"a node for nothing":            {Request{Kind: AddNode, Cluster: "c", Nodes: []Node{third}}, NotFound, doc},
		"a node less":                   {Request{Kind: DropNode, Cluster: "a", Nodes: []Node{first}}, OK, changed(func(a, _ *Cluster) { a.Nodes = []Node{second} })},
		"a node less that is not there": {Request{Kind: DropNode, Cluster: "a", Nodes: []Node{first, third}}, NotFound, doc},
		"a node less of nothing":        {Request{Kind: DropNode, Cluster: "c", Nodes: []Node{first}}, NotFound, doc},
	} {
		t.Run(name, func(t *testing.T) {
			before := doc.String()
			after, code := rules[c.request.Kind](doc, c.request)
			if code != c.code {
				t.Errorf("the code is %s, want %s", code, c.code)
			}
			if !after.Equal(c.after) {
				t.Errorf("the document is %v, want %v", after, c.after)
			}
			if doc.String() != before {
				t.Errorf("the document it was given became %v", doc)
			}
		})
	}
}
