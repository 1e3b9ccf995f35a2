package conformance

import (
	"strings"
	"testing"

	"roster/core"
	pb "roster/core/metapb"
)

// objInfo is a complete object store of a create_instance request.
const objInfo = `"obj_info":{"ak":"a","sk":"s","bucket":"b","endpoint":"e","region":"r","provider":"S3"}`

const longName = 257

func instanceCases(t *testing.T, s *suite) {
	createInstanceCases(t, s)
	createdInstanceCases(t, s)
	instanceStatusCases(t, s)

	s.play(t, scenario{name: "drop_instance", steps: []step{
		{"refuses a request without an id", "drop_instance", `{}`, core.InvalidArgument, "instance id not set"},
		{"refuses an empty id", "drop_instance", `{"instance_id":""}`, core.InvalidArgument, "instance id not set"},
		{"finds no instance", "drop_instance", `{"instance_id":"$I-no"}`, core.NotFound, "instance not existed, instance_id=$I-no, err=KeyNotFound"},
		{"", "add_cluster", addCompute, core.OK, ""},
		{"refuses while there are clusters", "drop_instance", `{"instance_id":"$I"}`, core.InvalidArgument,
			"failed to drop instance, instance has clusters"},
		{"", "drop_cluster", dropCompute, core.OK, ""},
		{"drops", "drop_instance", `{"instance_id":"$I"}`, core.OK, ""},
		{"drops again", "drop_instance", `{"instance_id":"$I"}`, core.OK, ""},
		{"keeps the id taken", "create_instance", newInstance, core.AlreadyExisted, "instance already existed, instance_id=$I"},
	}})

	s.play(t, scenario{name: "server-side encryption", steps: []step{
		{"is off at first", "disable_instance_sse", `{"instance_id":"$I"}`, core.InvalidArgument, "failed to disable sse, instance has disabled sse"},
		{"goes on", "enable_instance_sse", `{"instance_id":"$I"}`, core.OK, ""},
		{"is on already", "enable_instance_sse", `{"instance_id":"$I"}`, core.InvalidArgument, "failed to enable sse, instance has enabled sse"},
		{"goes off", "disable_instance_sse", `{"instance_id":"$I"}`, core.OK, ""},
		{"is off already", "disable_instance_sse", `{"instance_id":"$I"}`, core.InvalidArgument, "failed to disable sse, instance has disabled sse"},
		{"enable needs an id", "enable_instance_sse", `{}`, core.InvalidArgument, "instance id not set"},
		{"disable needs an id", "disable_instance_sse", `{}`, core.InvalidArgument, "instance id not set"},
	}})

	check(t, "server-side encryption reaches every object store", func(t *testing.T) {
		id := s.instance(t)
		s.must(t, "add_obj_info", fill(id, addStore))
		for _, step := range []struct {
			op string
			on bool
		}{{"enable_instance_sse", true}, {"disable_instance_sse", false}} {
			s.must(t, step.op, fill(id, `{"instance_id":"$I"}`))
			doc := s.read(t, id)
			if doc.GetSseEnabled() != step.on {
				t.Errorf("after %s the instance has sse_enabled %v", step.op, doc.GetSseEnabled())
			}
			for _, obj := range doc.GetObjInfo() {
				if obj.GetSseEnabled() != step.on {
					t.Errorf("after %s object store %s has sse_enabled %v", step.op, obj.GetId(), obj.GetSseEnabled())
				}
			}
		}
	})

	s.play(t, scenario{name: "get_instance", setup: []step{{op: "add_cluster", body: addCompute}}, steps: []step{
		{"refuses a request without any id", "get_instance", `{}`, core.InvalidArgument, "empty instance_id and cloud_unique_id"},
		{"refuses a cloud_unique_id nobody holds", "get_instance", `{"cloud_unique_id":"$I-none"}`, core.InvalidArgument,
			"cannot find instance_id with cloud_unique_id=$I-none"},
		{"finds by a degraded cloud_unique_id", "get_instance", `{"cloud_unique_id":"1:$I:anything"}`, core.OK, ""},
		{"finds by a registered cloud_unique_id", "get_instance", `{"cloud_unique_id":"1:$I:be1"}`, core.OK, ""},
		{"prefers the instance_id", "get_instance", `{"instance_id":"$I","cloud_unique_id":"$I-none"}`, core.OK, ""},
	}})
}

// createInstanceCases are the refusals of create_instance: none creates.
func createInstanceCases(t *testing.T, s *suite) {
	const badStore = "s3 conf info err, please check it"
	long := strings.Repeat("i", longName)
	cases := []step{
		{"an empty id", "create_instance", `{"instance_id":"","user_id":"u",` + objInfo + `}`, core.InvalidArgument, "instance id not set"},
		{"no id", "create_instance", `{"user_id":"u",` + objInfo + `}`, core.InvalidArgument, "instance id not set"},
		{"an id over 256 bytes", "create_instance", `{"instance_id":"` + long + `","user_id":"u",` + objInfo + `}`, core.InvalidArgument, ""},
		{"a name over 256 bytes", "create_instance", `{"instance_id":"$I","name":"` + long + `","user_id":"u",` + objInfo + `}`, core.InvalidArgument, ""},
		{"a ram_user without sk", "create_instance", `{"instance_id":"$I","user_id":"u",` + objInfo + `,"ram_user":{"user_id":"u","ak":"a"}}`,
			core.InvalidArgument, "ram user info err, please check it…"},
		{"a ram_user without ak", "create_instance", `{"instance_id":"$I","user_id":"u",` + objInfo + `,"ram_user":{"user_id":"u","sk":"s"}}`,
			core.InvalidArgument, "ram user info err, please check it…"},
		{"a ram_user without user_id", "create_instance", `{"instance_id":"$I","user_id":"u",` + objInfo + `,"ram_user":{"ak":"a","sk":"s"}}`,
			core.InvalidArgument, "ram user info err, please check it…"},
		{"an empty obj_info", "create_instance", `{"instance_id":"$I","user_id":"u","obj_info":{}}`, core.InvalidArgument, badStore},
	}
	for _, part := range []string{`"ak":"a"`, `"sk":"s"`, `"bucket":"b"`, `"endpoint":"e"`, `"region":"r"`, `"provider":"S3"`} {
		kept := strings.NewReplacer(part+",", "", ","+part, "").Replace(objInfo)
		cases = append(cases, step{"an obj_info without " + part, "create_instance",
			`{"instance_id":"$I","user_id":"u",` + kept + `}`, core.InvalidArgument, badStore})
	}
	if s.level == reference {
		cases = append(cases,
			step{"no user_id", "create_instance", `{"instance_id":"$I",` + objInfo + `}`, core.InvalidArgument, "user id not set"},
			step{"neither obj_info nor vault", "create_instance", `{"instance_id":"$I","user_id":"u"}`, core.InvalidArgument, badStore})
	}
	for _, c := range cases {
		check(t, "create_instance refuses "+c.name, func(t *testing.T) {
			id := newID("refused")
			wantRefusal(t, s.do(t, c.op, fill(id, c.body)), c.code, c.text)
			_, err := s.api.GetInstance(reveal(t), &pb.GetInstanceRequest{InstanceId: &id})
			wantRefusal(t, err, core.NotFound, "")
		})
	}
}

// createdInstanceCases are what create_instance stores.
func createdInstanceCases(t *testing.T, s *suite) {
	create := func(t *testing.T, body string) *pb.InstanceInfoPB {
		t.Helper()
		id := newID("created")
		s.must(t, "create_instance", fill(id, body))
		return s.read(t, id)
	}
	check(t, "create_instance refuses an id that exists", func(t *testing.T) {
		id := s.instance(t)
		wantRefusal(t, s.do(t, "create_instance", fill(id, newInstance)), core.AlreadyExisted,
			"instance already existed, instance_id="+id)
	})
	check(t, "create_instance sets times and status", func(t *testing.T) {
		doc := create(t, newInstance)
		if doc.GetCtime() <= 0 || doc.GetMtime() != doc.GetCtime() {
			t.Errorf("got ctime %d, mtime %d", doc.GetCtime(), doc.GetMtime())
		}
		if doc.Status == nil || doc.GetStatus() != pb.InstanceInfoPB_NORMAL {
			t.Errorf("got status %v", doc.Status)
		}
		if doc.GetUserId() != "u" || doc.GetName() != "n" {
			t.Errorf("got user_id %q, name %q", doc.GetUserId(), doc.GetName())
		}
	})
	check(t, "create_instance stores the object store as number 1", func(t *testing.T) {
		objs := create(t, newInstance).GetObjInfo()
		if len(objs) != 1 {
			t.Fatalf("got %d object stores", len(objs))
		}
		o := objs[0]
		if o.GetId() != "1" || o.GetAk() != s.shown("ak1") || o.GetUserId() != "bucket_user" || o.GetProvider() != pb.ObjectStoreInfoPB_S3 ||
			o.GetExternalEndpoint() != "x" || o.GetCtime() <= 0 || o.GetMtime() != o.GetCtime() {
			t.Errorf("got %v", o)
		}
	})
	check(t, "create_instance takes an obj_info without external_endpoint and prefix", func(t *testing.T) {
		doc := create(t, `{"instance_id":"$I","user_id":"u",`+objInfo+`}`)
		if len(doc.GetObjInfo()) != 1 || doc.GetObjInfo()[0].GetPrefix() != "" {
			t.Errorf("got %v", doc.GetObjInfo())
		}
	})
	check(t, "create_instance trims the prefix", func(t *testing.T) {
		doc := create(t, `{"instance_id":"$I","user_id":"u","obj_info":{"ak":"a","sk":"s","bucket":"b","endpoint":"e","region":"r","provider":"S3",
			"prefix":" /a/b/\t"}}`)
		if got := doc.GetObjInfo()[0].GetPrefix(); got != "a/b" {
			t.Errorf("got the prefix %q", got)
		}
	})
	check(t, "create_instance keeps sse_enabled and ram_user", func(t *testing.T) {
		doc := create(t, `{"instance_id":"$I","user_id":"u","sse_enabled":true,`+objInfo+`,"ram_user":{"user_id":"ru","ak":"ra","sk":"rs"}}`)
		if !doc.GetSseEnabled() || doc.GetRamUser().GetUserId() != "ru" || doc.GetRamUser().GetAk() != s.shown("ra") {
			t.Errorf("got sse_enabled %v, ram_user %v", doc.GetSseEnabled(), doc.GetRamUser())
		}
	})
	check(t, "create_instance makes a built-in vault", func(t *testing.T) {
		doc := create(t, `{"instance_id":"$I","user_id":"u","vault":{"name":"mine","obj_info":{"ak":"a","sk":"s","bucket":"b","prefix":"p",
			"endpoint":"e","region":"r","external_endpoint":"x","provider":"S3"}}}`)
		if !doc.GetEnableStorageVault() || len(doc.GetObjInfo()) != 0 ||
			strings.Join(doc.GetResourceIds(), ",") != "1" || strings.Join(doc.GetStorageVaultNames(), ",") != "built_in_storage_vault" {
			t.Errorf("got enable_storage_vault %v, resource_ids %v, names %v, %d obj_info", doc.GetEnableStorageVault(),
				doc.GetResourceIds(), doc.GetStorageVaultNames(), len(doc.GetObjInfo()))
		}
	})
	if s.level == doris {
		check(t, "create_instance takes no user_id and no store", func(t *testing.T) {
			doc := create(t, `{"instance_id":"$I"}`)
			if doc.UserId == nil || doc.GetUserId() != "" || !doc.GetEnableStorageVault() || len(doc.GetObjInfo()) != 0 {
				t.Errorf("got user_id %v, enable_storage_vault %v, obj_info %v", doc.UserId, doc.GetEnableStorageVault(), doc.GetObjInfo())
			}
		})
	}
}

func instanceStatusCases(t *testing.T, s *suite) {
	const op = "set_instance_status"
	s.play(t, scenario{name: op, steps: []step{
		{"needs an id", op, `{"op":"SET_OVERDUE"}`, core.InvalidArgument, "instance id not set"},
		{"needs an op", op, `{"instance_id":"$I"}`, core.InvalidArgument, "invalid request op, op=0"},
		{"refuses DROP", op, `{"instance_id":"$I","op":"DROP"}`, core.InvalidArgument, "invalid request op, op=1"},
		{"refuses REFRESH", op, `{"instance_id":"$I","op":"REFRESH"}`, core.InvalidArgument, "invalid request op, op=2"},
		{"refuses RENAME", op, `{"instance_id":"$I","op":"RENAME","name":"x"}`, core.InvalidArgument, "invalid request op, op=3"},
		{"refuses ENABLE_SSE", op, `{"instance_id":"$I","op":"ENABLE_SSE"}`, core.InvalidArgument, "invalid request op, op=4"},
		{"refuses DISABLE_SSE", op, `{"instance_id":"$I","op":"DISABLE_SSE"}`, core.InvalidArgument, "invalid request op, op=5"},
		{"refuses SET_SNAPSHOT_PROPERTY", op, `{"instance_id":"$I","op":"SET_SNAPSHOT_PROPERTY"}`, core.InvalidArgument, "invalid request op, op=8"},
		{"NORMAL to NORMAL", op, `{"instance_id":"$I","op":"SET_NORMAL"}`, core.InvalidArgument, "the instance is already normal, instance_id = $I"},
		{"NORMAL to OVERDUE", op, `{"instance_id":"$I","op":"SET_OVERDUE"}`, core.OK, ""},
		{"OVERDUE to OVERDUE", op, `{"instance_id":"$I","op":"SET_OVERDUE"}`, core.InvalidArgument,
			"the instance has already set  instance to overdue, instance_id = $I"},
		{"OVERDUE to NORMAL", op, `{"instance_id":"$I","op":"SET_NORMAL"}`, core.OK, ""},
		{"NORMAL to OVERDUE once more", op, `{"instance_id":"$I","op":"SET_OVERDUE"}`, core.OK, ""},
		{"OVERDUE to DELETED", "drop_instance", `{"instance_id":"$I"}`, core.OK, ""},
		{"DELETED to OVERDUE", op, `{"instance_id":"$I","op":"SET_OVERDUE"}`, core.InvalidArgument,
			"can't set deleted instance to overdue, instance_id = $I"},
		{"DELETED to NORMAL", op, `{"instance_id":"$I","op":"SET_NORMAL"}`, core.InvalidArgument,
			"can't set deleted instance to normal, instance_id = $I"},
	}})
}
