package conformance

import (
	"fmt"
	"strings"
	"testing"

	"roster/core"
	pb "roster/core/metapb"
)

const addStore = `{"cloud_unique_id":"1:$I:be1","obj":{"ak":"ak2","sk":"sk2","bucket":"b2","prefix":"p2","endpoint":"e2","region":"r2"}}`

// store is an add_obj_info body with the members given.
func store(members string) string { return `{"cloud_unique_id":"1:$I:be1","obj":{` + members + `}}` }

func objectStoreCases(t *testing.T, s *suite) {
	const op, bad, incomplete = "add_obj_info", "s3 obj info err…", "s3 conf info err, please check it"
	s.play(t, scenario{name: op + " refuses", steps: []step{
		{"no obj", op, `{"cloud_unique_id":"1:$I:be1"}`, core.InvalidArgument, bad},
		{"no ak", op, store(`"sk":"s","bucket":"b","endpoint":"e","region":"r"`), core.InvalidArgument, bad},
		{"no sk", op, store(`"ak":"a","bucket":"b","endpoint":"e","region":"r"`), core.InvalidArgument, bad},
		{"an empty ak", op, store(`"ak":"","sk":"s","bucket":"b","endpoint":"e","region":"r"`), core.InvalidArgument, incomplete},
		{"no bucket", op, store(`"ak":"a","sk":"s","endpoint":"e","region":"r"`), core.InvalidArgument, incomplete},
		{"no endpoint", op, store(`"ak":"a","sk":"s","bucket":"b","region":"r"`), core.InvalidArgument, incomplete},
		{"no region", op, store(`"ak":"a","sk":"s","bucket":"b","endpoint":"e"`), core.InvalidArgument, incomplete},
		{"no cloud_unique_id", op, `{"obj":{"ak":"a","sk":"s","bucket":"b","endpoint":"e","region":"r"}}`, core.InvalidArgument, "cloud unique id not set"},
		{"a cloud_unique_id nobody holds", op, `{"cloud_unique_id":"$I-none","obj":{"ak":"a","sk":"s","bucket":"b","endpoint":"e","region":"r"}}`,
			core.InvalidArgument, "empty instance_id"},
		{"one over 1,024 bytes", op, store(`"ak":"a","sk":"s","bucket":"b","endpoint":"e","region":"r","prefix":"` + strings.Repeat("p", 1024) + `"`),
			core.InvalidArgument, "s3 obj info greater than 1k…"},
	}})
	s.play(t, scenario{name: op, steps: []step{
		{"adds", op, addStore, core.OK, ""},
		{"refuses the same again", op, addStore, core.InvalidArgument, "original obj infos has a same conf, please check it"},
		{"takes another prefix", op, strings.Replace(addStore, "p2", "p3", 1), core.OK, ""},
		{"takes no prefix", op, store(`"ak":"a","sk":"s","bucket":"b","endpoint":"e","region":"r"`), core.OK, ""},
	}})
	check(t, "an added store has a provider, times, the next id and a trimmed prefix", func(t *testing.T) {
		id := s.instance(t)
		s.must(t, op, fill(id, strings.Replace(addStore, `"p2"`, `"/p2/"`, 1)))
		objs := s.read(t, id).GetObjInfo()
		if len(objs) != 2 {
			t.Fatalf("got %d object stores", len(objs))
		}
		o := objs[1]
		if o.GetId() != "2" || o.Provider == nil || o.GetProvider() != pb.ObjectStoreInfoPB_S3 || o.GetPrefix() != "p2" || o.GetCtime() <= 0 ||
			o.GetMtime() != o.GetCtime() || o.GetAk() != s.shown("ak2") {
			t.Errorf("got %v", o)
		}
	})
	check(t, "an instance has ten object stores at most", func(t *testing.T) {
		id := s.instance(t)
		for i := 2; i <= 10; i++ {
			s.must(t, op, fill(id, strings.Replace(addStore, "p2", fmt.Sprintf("p%d", i), 1)))
		}
		wantRefusal(t, s.do(t, op, fill(id, strings.Replace(addStore, "p2", "p11", 1))), core.Internal,
			"this instance history has greater than 10 objs, please new another instance")
		objs := s.read(t, id).GetObjInfo()
		if len(objs) != 10 || objs[9].GetId() != "10" {
			t.Errorf("got %d object stores, the last with id %s", len(objs), objs[len(objs)-1].GetId())
		}
	})
	check(t, "an instance with vaults takes no object store", func(t *testing.T) {
		id := newID("vault")
		s.must(t, "create_instance", fill(id, `{"instance_id":"$I","user_id":"u","vault":{`+objInfo+`}}`))
		wantRefusal(t, s.do(t, op, fill(id, addStore)), core.InvalidArgument, "Storage vault doesn't support add obj info")
	})
	s.play(t, scenario{name: "get_obj_store_info", setup: oneCluster, steps: []step{
		{"needs a cloud_unique_id", "get_obj_store_info", `{}`, core.InvalidArgument, "cloud unique id not set"},
		{"refuses a cloud_unique_id nobody holds", "get_obj_store_info", `{"cloud_unique_id":"$I-none"}`, core.InvalidArgument, "empty instance_id"},
		{"takes a degraded cloud_unique_id", "get_obj_store_info", `{"cloud_unique_id":"1:$I:any"}`, core.OK, ""},
	}})
	check(t, "get_obj_store_info lists all", func(t *testing.T) {
		id := s.instance(t)
		s.must(t, op, fill(id, addStore))
		resp, err := s.api.GetObjStoreInfo(reveal(t), &pb.GetObjStoreInfoRequest{CloudUniqueId: new("1:" + id + ":x")})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, o := range resp.GetObjInfo() {
			got = append(got, o.GetId()+" "+o.GetAk())
		}
		if strings.Join(got, ", ") != "1 "+s.shown("ak1")+", 2 "+s.shown("ak2") {
			t.Errorf("got %v", got)
		}
	})
}

func keyRotationCases(t *testing.T, s *suite) {
	const legacy, update, same = "legacy_update_ak_sk", "update_ak_sk", "ak sk eq original, please check it"
	unchanged := step{"unchanged keys", legacy, store(`"id":"1","ak":"ak1","sk":"sk1"`), core.OK, ""}
	if s.level == reference {
		unchanged.code, unchanged.text = core.InvalidArgument, same
	}
	s.play(t, scenario{name: legacy, steps: []step{
		{"needs an obj", legacy, `{"cloud_unique_id":"1:$I:x"}`, core.InvalidArgument, "s3 obj info err…"},
		{"needs an sk", legacy, store(`"id":"1","ak":"a"`), core.InvalidArgument, "s3 obj info err…"},
		{"needs a cloud_unique_id", legacy, `{"obj":{"id":"1","ak":"a","sk":"s"}}`, core.InvalidArgument, "cloud unique id not set"},
		{"needs an id", legacy, store(`"ak":"a","sk":"s"`), core.InvalidArgument, "id invalid, please check it…"},
		{"refuses id 0", legacy, store(`"id":"0","ak":"a","sk":"s"`), core.InvalidArgument, "id invalid, please check it…"},
		{"refuses an id over the stores", legacy, store(`"id":"2","ak":"a","sk":"s"`), core.InvalidArgument, "id invalid, please check it…"},
		{"refuses an id that is no number", legacy, store(`"id":"x","ak":"a","sk":"s"`), core.InvalidArgument, "id invalid, please check it…"},
		unchanged,
		{"takes a new sk alone", legacy, store(`"id":"1","ak":"ak1","sk":"new"`), core.OK, ""},
		{"takes new keys", legacy, store(`"id":"1","ak":"new","sk":"newer"`), core.OK, ""},
	}})
	bucket := func(users ...string) string {
		return `{"instance_id":"$I","internal_bucket_user":[` + strings.Join(users, ",") + `]}`
	}
	user := func(id, ak, sk string) string { return fmt.Sprintf(`{"user_id":%q,"ak":%q,"sk":%q}`, id, ak, sk) }
	s.play(t, scenario{name: update, steps: []step{
		{"needs an instance", update, `{"ram_user":{"user_id":"u","ak":"a","sk":"s"}}`, core.InvalidArgument, "instance id not set"},
		{"needs a user", update, `{"instance_id":"$I"}`, core.InvalidArgument, "nothing to update"},
		{"needs an ak", update, `{"instance_id":"$I","internal_bucket_user":[{"user_id":"bucket_user","sk":"s"}]}`, core.InvalidArgument, "s3 bucket info err…"},
		{"finds no other user", update, bucket(user("other", "a", "s")), core.InvalidArgument, "fail to find the alter obj info"},
		{"refuses equal keys", update, bucket(user("bucket_user", "ak1", "sk1")), core.InvalidArgument, same},
		{"refuses a ram_user where there is none", update, `{"instance_id":"$I","ram_user":{"user_id":"u","ak":"a","sk":"s"}}`, core.InvalidArgument,
			"instance doesn't have ram user info"},
		{"refuses an incomplete ram_user", update, `{"instance_id":"$I","ram_user":{"user_id":"u","ak":"a"}}`, core.InvalidArgument, "ram user info err…"},
		{"rotates none when one part is refused", update, `{"instance_id":"$I","internal_bucket_user":[{"user_id":"bucket_user","ak":"n","sk":"n"}],
			"ram_user":{"user_id":"u","ak":"a","sk":"s"}}`, core.InvalidArgument, "instance doesn't have ram user info"},
		{"rotates", update, bucket(user("bucket_user", "new", "newer")), core.OK, ""},
		{"refuses to rotate to the same", update, bucket(user("bucket_user", "new", "newer")), core.InvalidArgument, same},
	}})
	check(t, "update_ak_sk and the ram_user", func(t *testing.T) {
		id := newID("ram")
		s.must(t, "create_instance", fill(id, `{"instance_id":"$I","user_id":"u",`+objInfo+`,"ram_user":{"user_id":"ru","ak":"ra","sk":"rs"}}`))
		for _, st := range []step{
			{"another user", update, `{"instance_id":"$I","ram_user":{"user_id":"x","ak":"a","sk":"s"}}`, core.InvalidArgument, "ram user_id err"},
			{"equal keys", update, `{"instance_id":"$I","ram_user":{"user_id":"ru","ak":"ra","sk":"rs"}}`, core.InvalidArgument, same},
			{"new keys", update, `{"instance_id":"$I","ram_user":{"user_id":"ru","ak":"ra2","sk":"rs2"}}`, core.OK, ""},
		} {
			s.step(t, id, st)
		}
		if ak := s.read(t, id).GetRamUser().GetAk(); ak != s.shown("ra2") {
			t.Errorf("the ram_user has the ak %q", ak)
		}
	})
	check(t, "an object store without a user takes the one that is named", func(t *testing.T) {
		id := newID("old")
		s.must(t, "create_instance", fill(id, `{"instance_id":"$I","user_id":"u",`+objInfo+`}`))
		wantRefusal(t, s.do(t, update, fill(id, bucket(user("one", "n", "n"), user("two", "n", "n")))), core.InvalidArgument,
			"fail to update old instance's obj_info, s3 obj info err…")
		s.must(t, update, fill(id, bucket(user("one", "n", "n"))))
		if o := s.read(t, id).GetObjInfo()[0]; o.GetUserId() != "one" || o.GetAk() != s.shown("n") {
			t.Errorf("got user_id %q, ak %q", o.GetUserId(), o.GetAk())
		}
	})
	check(t, "update_ak_sk rotates every object store of a user", func(t *testing.T) {
		id := s.instance(t)
		s.must(t, "add_obj_info", fill(id, store(`"ak":"a","sk":"s","bucket":"b9","endpoint":"e","region":"r","user_id":"bucket_user"`)))
		s.must(t, update, fill(id, bucket(user("bucket_user", "new", "newer"))))
		for _, o := range s.read(t, id).GetObjInfo() {
			if o.GetAk() != s.shown("new") {
				t.Errorf("object store %s has the ak %q", o.GetId(), o.GetAk())
			}
		}
	})
}
