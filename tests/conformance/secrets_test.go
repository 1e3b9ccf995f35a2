package conformance

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"roster/tests/harness"
)

// TestSecretKeys: who sees secret keys, and how they are stored.
func TestSecretKeys(t *testing.T) {
	rest := restAt(t, reference)
	s := &suite{api: rest, level: reference}
	reader := &harness.REST{URL: rest.URL, Token: readerToken}
	create := func(t *testing.T) string {
		id := newID("secret")
		s.must(t, "create_instance", fill(id, `{"instance_id":"$I","user_id":"u","obj_info":{"ak":"ak1","sk":"clear-store-key","bucket":"b","endpoint":"e","region":"r",
			"provider":"S3"},"ram_user":{"user_id":"ru","ak":"ra","sk":"clear-ram-key"}}`))
		return id
	}
	keys := func(t *testing.T, c *harness.REST, id string) (store, ram, listed string) {
		t.Helper()
		_, result := call(t, c, harness.Request{Method: http.MethodGet, Path: base + "get_instance", Query: url.Values{"instance_id": {id}}})
		_, stores := call(t, c, harness.Request{Path: base + "get_obj_store_info", Body: fill(id, `{"cloud_unique_id":"1:$I:x"}`)})
		type objInfo struct {
			ObjInfo []struct{ SK string } `json:"obj_info"`
			RAMUser struct{ SK string }   `json:"ram_user"`
		}
		var doc, list objInfo
		for raw, into := range map[string]*objInfo{string(result): &doc, string(stores): &list} {
			if err := json.Unmarshal([]byte(raw), into); err != nil || len(into.ObjInfo) == 0 {
				t.Fatalf("%v: %s", err, raw)
			}
		}
		return doc.ObjInfo[0].SK, doc.RAMUser.SK, list.ObjInfo[0].SK
	}
	check(t, "an admin reads them in clear", func(t *testing.T) {
		if store, ram, listed := keys(t, rest, create(t)); store != "clear-store-key" || ram != "clear-ram-key" || listed != "clear-store-key" {
			t.Errorf("got %q, %q, %q", store, ram, listed)
		}
	})
	check(t, "a reader reads stars", func(t *testing.T) {
		if store, ram, listed := keys(t, reader, create(t)); store != "******" || ram != "******" || listed != "******" {
			t.Errorf("got %q, %q, %q", store, ram, listed)
		}
	})
	check(t, "rotated keys are read", func(t *testing.T) {
		id := create(t)
		s.must(t, "update_ak_sk", fill(id, `{"instance_id":"$I","internal_bucket_user":[{"user_id":"b","ak":"n","sk":"second"}],"ram_user":{"user_id":"ru","ak":"n","sk":"third"}}`))
		if store, ram, listed := keys(t, rest, id); store != "second" || ram != "third" || listed != "second" {
			t.Errorf("got %q, %q, %q", store, ram, listed)
		}
		s.must(t, "legacy_update_ak_sk", fill(id, store(`"id":"1","ak":"n","sk":"fourth"`)))
		if store, _, _ := keys(t, rest, id); store != "fourth" {
			t.Errorf("got %q", store)
		}
	})
	check(t, "they are sealed at rest", func(t *testing.T) {
		id := create(t)
		raw := send(t, rest, harness.Request{Path: base + "get_value", Query: url.Values{"key_type": {"InstanceKey"}, "instance_id": {id}}}).Body
		if strings.Contains(raw, "clear-") || strings.Count(raw, `"encryption_method":"AES_256_GCM"`) != 2 || strings.Count(raw, `"key_id":`) != 2 {
			t.Errorf("the record is %s", raw)
		}
	})
	check(t, "equal keys are sealed differently", func(t *testing.T) {
		sealed := func(id string) string {
			var doc struct {
				ObjInfo []struct{ SK string } `json:"obj_info"`
			}
			raw := send(t, rest, harness.Request{Path: base + "get_value", Query: url.Values{"key_type": {"InstanceKey"}, "instance_id": {id}}}).Body
			if err := json.Unmarshal([]byte(raw), &doc); err != nil || len(doc.ObjInfo) != 1 {
				t.Fatalf("%v: %s", err, raw)
			}
			return doc.ObjInfo[0].SK
		}
		if a, b := sealed(create(t)), sealed(create(t)); a == b || a == "" {
			t.Errorf("got %q and %q", a, b)
		}
	})
	check(t, "records of the existing service are read", func(t *testing.T) {
		id := s.instance(t)
		s.put(t, record(id, "InstanceKey", ""), fill(id, `{"user_id":"u","instance_id":"$I","obj_info":[{"id":"1","ak":"ak1","sk":"n6+wLwU2J5BVXwE2RekXog==","bucket":"b",
			"endpoint":"e","region":"r","provider":"S3","encryption_info":{"encryption_method":"AES_256_ECB","key_id":"1"}}],"ram_user":{"user_id":"ru","ak":"ra",
			"sk":"eIjK+4s+NXH8wNAeRKXjsw==","encryption_info":{"encryption_method":"AES_256_ECB","key_id":"1"}}}`))
		if store, ram, listed := keys(t, rest, id); store != "test-sk1" || ram != "sk" || listed != "test-sk1" {
			t.Errorf("got %q, %q, %q", store, ram, listed)
		}
		if store, ram, _ := keys(t, reader, id); store != "******" || ram != "******" {
			t.Errorf("a reader got %q, %q", store, ram)
		}
	})
}

// TestCanaries sends secrets every way a client may, and looks for them in all
// the server says besides the replies that are made to carry them.
func TestCanaries(t *testing.T) {
	const (
		admin = "CANARY-TOKEN-admin-5d1f"
		wrong = "CANARY-TOKEN-wrong-77a0"
		ak    = "CANARY-AK-93be"
		sk    = "CANARY-SK-0c42"
	)
	for _, format := range []string{"text", "json"} {
		check(t, "log format "+format, func(t *testing.T) {
			dir := t.TempDir()
			server := harness.Run(t, harness.Options{DataDir: dir, Tokens: "ada admin " + admin + "\n", Args: []string{"--log-level", "debug", "--log-format", format}})
			rest := &harness.REST{URL: server.URL, Token: admin}
			secret := `"ak":"` + ak + `","sk":"` + sk + `"`
			full := strings.Replace(newInstance, `"ak":"ak1","sk":"sk1"`, secret, 1)
			ram := `"ram_user":{"user_id":"ru",` + secret + `}`
			obj := secret + `,"bucket":"b2","endpoint":"e","region":"r"`
			var texts strings.Builder
			for _, r := range []struct{ route, body string }{
				{"create_instance", strings.Replace(full, `"name"`, ram+`,"name"`, 1)},
				{"create_instance", full}, // a repeat
				{"create_instance", `{"instance_id":"$I-2","user_id":"u",` + ram + `,"obj_info":{` + secret + `}}`},
				{"create_instance", full[:len(full)-3]},
				{"create_instance", `{"instance_id":"$I-3","obj_info":{"ak":["` + ak + `"],"sk":{"x":"` + sk + `"}}}`},
				{"create_instance", `{"instance_id":"$I-3","obj_info":{` + secret + ` oops`},
				{"create_instance", `"` + sk + `"`},
				{"add_obj_info", store(obj)},
				{"add_obj_info", store(obj)}, // the same configuration
				{"add_obj_info", store(secret)},
				{"add_obj_info", store(`"ak":"` + ak + `"`)},
				{"add_obj_info", store(`"sk":"` + sk + `"`)},
				{"add_obj_info", store(obj + `,"prefix":"` + strings.Repeat("p", 1100) + `"`)},
				{"legacy_update_ak_sk", store(`"id":"1","ak":"` + ak + `2","sk":"` + sk + `2"`)},
				{"legacy_update_ak_sk", store(`"id":"77",` + secret)},
				{"legacy_update_ak_sk", store(`"id":"1","ak":"` + ak + `2","sk":"` + sk + `2"`)},
				{"update_ak_sk", `{"instance_id":"$I",` + ram + `}`}, // equal keys
				{"update_ak_sk", `{"instance_id":"$I","ram_user":{"user_id":"",` + secret + `}}`},
				{"update_ak_sk", `{"instance_id":"$I","internal_bucket_user":[{"user_id":"nobody",` + secret + `}]}`},
				{"update_ak_sk", `{"instance_id":"$I","internal_bucket_user":[{"ak":"` + ak + `"}]}`},
				{"update_ak_sk", `{"instance_id":"$I","internal_bucket_user":[{"user_id":"bucket_user","ak":"` + ak + `3","sk":"` + sk + `3"}]}`},
				{"drop_instance", `{"instance_id":"$I-none",` + secret + `}`},
				{"add_obj_info", store(obj + `,"prefix":"last"`)},
			} {
				reply := send(t, rest, harness.Request{Path: base + r.route, Body: fill("canary", r.body)})
				texts.WriteString(envelope(t, reply).Msg + "\n")
			}
			for _, path := range []string{base + "get_instance?instance_id=canary&token=" + wrong, base + "no/route?token=" + admin, "/no?token=" + admin, "/metrics?token=" + admin} {
				send(t, &harness.REST{URL: server.URL}, harness.Request{Path: path})
			}
			send(t, &harness.REST{URL: server.URL}, harness.Request{Path: base + "get_instance?instance_id=canary", Header: http.Header{"Authorization": {"Bearer " + wrong}}})
			for _, r := range []harness.Request{
				{Path: base + "get_instance", Query: url.Values{"instance_id": {"canary"}}},
				{Path: base + "get_obj_store_info", Body: `{"cloud_unique_id":"1:canary:x"}`},
			} {
				if reply := send(t, rest, r); !strings.Contains(reply.Body, sk) {
					t.Fatalf("the secret was not stored: %s", reply.Body)
				}
			}
			metrics := send(t, &harness.REST{URL: server.URL}, harness.Request{Method: http.MethodGet, Path: "/metrics"})
			if metrics.Status != http.StatusOK || !strings.Contains(metrics.Body, "# TYPE") {
				t.Fatalf("/metrics: status %d %.200s", metrics.Status, metrics.Body)
			}
			if err := server.Stop(); err != nil {
				t.Error(err)
			}
			for place, said := range map[string]string{"the output": server.Output(), "/metrics": metrics.Body, "the error texts": texts.String()} {
				for line := range strings.Lines(said) {
					if strings.Contains(line, "CANARY") {
						t.Errorf("%s shows a secret: %s", place, line)
					}
				}
			}
			if !strings.Contains(server.Output(), "create_instance") {
				t.Error("at the level debug the output does not name the requests: nothing was checked")
			}
			stored, err := harness.Stored(t.Context(), dir)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Contains(stored, []byte(ak)) {
				t.Error("the store does not hold the ak as it is: nothing was checked")
			}
			for _, secret := range []string{sk, admin, wrong} {
				if bytes.Contains(stored, []byte(secret)) {
					t.Errorf("the store holds %s in clear", secret)
				}
			}
		})
	}
}
