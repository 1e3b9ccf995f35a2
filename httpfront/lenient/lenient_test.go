package lenient

import (
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	pb "roster/core/metapb"
)

func TestAccepts(t *testing.T) {
	cluster := func(c *pb.ClusterPB) *pb.AlterClusterRequest { return &pb.AlterClusterRequest{Cluster: c} }
	node := func(n *pb.NodeInfoPB) *pb.AlterClusterRequest {
		return cluster(&pb.ClusterPB{Nodes: []*pb.NodeInfoPB{n}})
	}
	id := func(id string) *pb.AlterClusterRequest { return &pb.AlterClusterRequest{InstanceId: &id} }
	for _, c := range []struct {
		name, body string
		want       proto.Message
	}{
		{"nothing", `{}`, &pb.AlterClusterRequest{}},
		{"blanks around", " \t\r\n{ } \n", &pb.AlterClusterRequest{}},
		{"a byte order mark", "\ufeff{\"instance_id\":\"i\"}", id("i")},
		{"snake case", `{"instance_id":"i"}`, id("i")},
		{"camel case", `{"instanceId":"i"}`, id("i")},
		{"fields the schema does not know, at any depth",
			`{"x":{"y":[1,{"z":null},bare,'q',[]]},"instance_id":"i","cluster":{"w":-1.5e3}}`,
			&pb.AlterClusterRequest{InstanceId: new("i"), Cluster: &pb.ClusterPB{}}},
		{"trailing commas", `{"cluster":{"mysql_user_name":["a","b",],},}`, cluster(&pb.ClusterPB{MysqlUserName: []string{"a", "b"}})},
		{"single quotes", `{'instance_id':'it "is"'}`, id(`it "is"`)},
		{"bare names", `{instance_id:"i"}`, id("i")},
		{"a line break in place of a comma", "{\"cluster\":{\n}\n\"instance_id\":\"i\"}",
			&pb.AlterClusterRequest{InstanceId: new("i"), Cluster: &pb.ClusterPB{}}},
		{"an object's end in place of a comma", `{"cluster":{} "instance_id":"i"}`,
			&pb.AlterClusterRequest{InstanceId: new("i"), Cluster: &pb.ClusterPB{}}},
		{"a bare word as a string", `{"instance_id": string}`, id("string")},
		{"a number as a string, in its own digits", `{"instance_id": 113974}`, id("113974")},
		{"a float as a string, in its own digits", `{"instance_id": 1.50E+2}`, id("1.50E+2")},
		{"escapes", `{"instance_id":"\"\\\/\b\f\n\r\t\v\'\q\u0041\u00e9\ud83d\ude00"}`, id("\"\\/\b\f\n\r\t\v'qAé😀")},
		{"text that is no ASCII", `{"instance_id":"实例"}`, id("实例")},
		{"a line break in a string", "{\"instance_id\":\"a\nb\"}", id("a\nb")},
		{"null as absent", `{"instance_id":null,"cluster":{"nodes":null,"type":null,"nodes":[{"ip":null}],"properties":{"a":null}}}`,
			cluster(&pb.ClusterPB{Nodes: []*pb.NodeInfoPB{{}}})},
		{"an int as a number", `{"cluster":{"nodes":[{"heartbeat_port":9050}]}}`, node(&pb.NodeInfoPB{HeartbeatPort: new(int32(9050))})},
		{"an int as a string", `{"cluster":{"nodes":[{"heartbeat_port":"9050"}]}}`, node(&pb.NodeInfoPB{HeartbeatPort: new(int32(9050))})},
		{"an int as a float", `{"cluster":{"nodes":[{"heartbeat_port":9.05e3}]}}`, node(&pb.NodeInfoPB{HeartbeatPort: new(int32(9050))})},
		{"an int as a float in a string", `{"cluster":{"nodes":[{"heartbeat_port":"9050.0"}]}}`, node(&pb.NodeInfoPB{HeartbeatPort: new(int32(9050))})},
		{"the ends of int32", `{"cluster":{"nodes":[{"heartbeat_port":-2147483648,"edit_log_port":"2147483647"}]}}`,
			node(&pb.NodeInfoPB{HeartbeatPort: new(int32(-1 << 31)), EditLogPort: new(int32(1<<31 - 1))})},
		{"the ends of int64", `{"cluster":{"ctime":-9223372036854775808,"mtime":"9223372036854775807"}}`,
			cluster(&pb.ClusterPB{Ctime: new(int64(-1 << 63)), Mtime: new(int64(1<<63 - 1))})},
		{"a bool", `{"replace_if_existing_empty_target_cluster":true}`, &pb.AlterClusterRequest{ReplaceIfExistingEmptyTargetCluster: new(true)}},
		{"a bool as a word", `{"replace_if_existing_empty_target_cluster":"false"}`, &pb.AlterClusterRequest{ReplaceIfExistingEmptyTargetCluster: new(false)}},
		{"a bool as a digit in a string", `{"replace_if_existing_empty_target_cluster":"1"}`, &pb.AlterClusterRequest{ReplaceIfExistingEmptyTargetCluster: new(true)}},
		{"an enum by name", `{"cluster":{"type":"COMPUTE"}}`, cluster(&pb.ClusterPB{Type: new(pb.ClusterPB_COMPUTE)})},
		{"an enum by number", `{"cluster":{"type":1}}`, cluster(&pb.ClusterPB{Type: new(pb.ClusterPB_COMPUTE)})},
		{"an enum by number in a string", `{"cluster":{"type":"1"}}`, cluster(&pb.ClusterPB{Type: new(pb.ClusterPB_COMPUTE)})},
		{"an enum's second name", `{"cluster":{"cluster_status":"STOPPED"}}`, cluster(&pb.ClusterPB{ClusterStatus: new(pb.ClusterStatus_SUSPENDED)})},
		{"a map", `{"cluster":{"properties":{"a.b":"1",'c':2,"a.b":"3"}}}`, cluster(&pb.ClusterPB{Properties: map[string]string{"a.b": "3", "c": "2"}})},
		{"a name twice: the last scalar counts", `{"instance_id":"a","instanceId":"b"}`, id("b")},
		{"a name twice: null does not undo", `{"instance_id":"a","instance_id":null}`, id("a")},
		{"a name twice: lists add up", `{"cluster":{"mysql_user_name":["a"],"mysql_user_name":["b"]}}`, cluster(&pb.ClusterPB{MysqlUserName: []string{"a", "b"}})},
		{"a name twice: messages merge", `{"cluster":{"cluster_id":"c"},"cluster":{"cluster_name":"n"}}`,
			cluster(&pb.ClusterPB{ClusterId: new("c"), ClusterName: new("n")})},
		{"100 levels", `{"x":` + strings.Repeat("[", 99) + strings.Repeat("]", 99) + `}`, &pb.AlterClusterRequest{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := c.want.ProtoReflect().New().Interface()
			if err := Unmarshal([]byte(c.body), got); err != nil {
				t.Fatal(err)
			}
			if !proto.Equal(got, c.want) {
				t.Errorf("got %v\nwant %v", got, c.want)
			}
		})
	}
}

func TestRefuses(t *testing.T) {
	const depth = "Message too deep. Objects and arrays may nest 100 levels."
	for _, c := range []struct{ name, body, want string }{
		{"an empty body", "", "Unexpected end of string. Expected a value."},
		{"a blank body", " \n", "Unexpected end of string. Expected a value."},
		{"a root that is no object", ` [1]`, "Root element must be a message. (line 1, column 2)"},
		{"NUL", "\x00", "Root element must be a message. (line 1, column 1)"},
		{"data after the root", "{}\n {}", "Parsing terminated before end of input. (line 2, column 2)"},
		{"NUL after the root", "{}\x00", "Parsing terminated before end of input. (line 1, column 3)"},
		{"an object cut off", `{`, "Unexpected end of string. Expected an object key or }. (line 1, column 2)"},
		{"a member cut off", `{"instance_id":`, "Unexpected end of string. Expected a value. (line 1, column 16)"},
		{"a string cut off", `{"instance_id":"i`, "Closing quote expected in string. (line 1, column 16)"},
		{"a string that ends in a backslash", `{"instance_id":"i\`, "Closing quote expected in string. (line 1, column 16)"},
		{"a name that is none", `{1:2}`, "Expected an object key or }. (line 1, column 2)"},
		{"no colon", `{"instance_id" "i"}`, "Expected : between key:value pair. (line 1, column 16)"},
		{"no comma", `{"instance_id":"i" "cluster":{}}`, "Expected , or } after key:value pair. (line 1, column 20)"},
		{"a comma and nothing before it", `{,}`, "Expected an object key or }. (line 1, column 2)"},
		{"two commas", `{"instance_id":"i",,}`, "Expected an object key or }. (line 1, column 20)"},
		{"no comma in an array", "{\"cluster\":{\"mysql_user_name\":[\"a\"\n\"b\"]}}", "Expected , or ] after array value. (line 2, column 1)"},
		{"a value that is none", `{"instance_id":@}`, "Expected a value. (line 1, column 16)"},
		{"a comment", `{/* */}`, "Expected an object key or }. (line 1, column 2)"},
		{"an octal number", `{"x":010}`, "Octal/hex numbers are not valid JSON values. (line 1, column 6)"},
		{"a hex number", `{"x":0x1F}`, "Octal/hex numbers are not valid JSON values. (line 1, column 6)"},
		{"a number with no digit", `{"x":-}`, "Unable to parse number. (line 1, column 6)"},
		{"a number with an open end", `{"x":1.}`, "Unable to parse number. (line 1, column 6)"},
		{"a number with letters", `{"x":12abc}`, "Unable to parse number. (line 1, column 6)"},
		{"a bad escape", `{"x":"\u12g4"}`, "Illegal hex string. (line 1, column 7)"},
		{"an escape cut off", `{"x":"\u12`, "Illegal hex string. (line 1, column 7)"},
		{"half a surrogate pair", `{"x":"\ud83d "}`, "Invalid unicode code point. (line 1, column 7)"},
		{"bytes that are no UTF-8", "{\n\"x\":\"é\xff\"}", "Encountered non UTF-8 code points. (line 2, column 7)"},
		{"101 levels", `{"x":` + strings.Repeat("[", 100), depth + " (line 1, column 105)"},
		{"10,000 levels of objects", strings.Repeat(`{"cluster":`, 10_000), depth + " (line 1, column 1101)"},

		{"a string for a message", `{"cluster":"c"}`, "(cluster) must be an object (line 1, column 12)"},
		{"an array for a message", `{"cluster":[]}`, "(cluster) must be an object (line 1, column 12)"},
		{"an object for a list", `{"cluster":{"nodes":{}}}`, "(cluster.nodes) must be an array (line 1, column 21)"},
		{"a string for a list", `{"cluster":{"mysql_user_name":"jack"}}`, "(cluster.mysql_user_name) must be an array (line 1, column 31)"},
		{"null in a list of messages", `{"cluster":{"nodes":[null]}}`, "(cluster.nodes[0]) must be an object (line 1, column 22)"},
		{"null in a list of strings", `{"cluster":{"mysql_user_name":["a",null]}}`,
			"(cluster.mysql_user_name[1]) invalid value null for type TYPE_STRING: it takes a string (line 1, column 36)"},
		{"10,001 entries", `{"cluster":{"nodes":[` + strings.Repeat("{},", 10_001) + `]}}`,
			"(cluster.nodes) has more than 10000 entries, the limit of one call: split it (line 1, column 30022)"},
		{"an object for a string", `{"instance_id":{}}`, "(instance_id) must be a single value of type TYPE_STRING (line 1, column 16)"},
		{"a list for a map", `{"cluster":{"properties":[]}}`, "(cluster.properties) must be an object (line 1, column 26)"},
		{"a bool for a string", `{"instance_id":true}`, "(instance_id) invalid value true for type TYPE_STRING: it takes a string (line 1, column 16)"},
		{"a bool in a map of strings", `{"cluster":{"properties":{"k":false}}}`,
			`(cluster.properties."k") invalid value false for type TYPE_STRING: it takes a string (line 1, column 31)`},
		{"a word for an int", `{"cluster":{"nodes":[{},{"heartbeat_port":"abc"}]}}`,
			`(cluster.nodes[1].heartbeat_port) invalid value "abc" for type TYPE_INT32: it takes an integer from -2147483648 to 2147483647 (line 1, column 43)`},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := Unmarshal([]byte(c.body), &pb.AlterClusterRequest{})
			if err == nil {
				t.Fatal("is accepted")
			}
			if err.Error() != c.want {
				t.Errorf("got  %v\nwant %s", err, c.want)
			}
		})
	}
}

func TestRefusesIntegers(t *testing.T) {
	for _, value := range []string{
		`""`, `" 9050"`, `"9050 "`, `"+1"`, `"0x10"`, `"1_000"`, `"1e"`, `"inf"`, `"NaN"`, `true`, `word`,
		`1.5`, `"1.5"`, `2147483648`, `-2147483649`, `"2147483648"`, `1e10`, `1e400`, `99999999999999999999`, `1e400000000`,
	} {
		t.Run(value, func(t *testing.T) {
			err := Unmarshal([]byte(`{"heartbeat_port":`+value+`}`), &pb.NodeInfoPB{})
			if err == nil || !strings.Contains(err.Error(), "(heartbeat_port) invalid value") {
				t.Errorf("got %v", err)
			}
		})
	}
	t.Run("a float beyond which integers are not exact", func(t *testing.T) {
		if err := Unmarshal([]byte(`{"ctime":9007199254740994.0}`), &pb.NodeInfoPB{}); err == nil {
			t.Error("is accepted")
		}
	})
}

func TestRefusesEnums(t *testing.T) {
	for _, c := range []struct{ name, body, want string }{
		{"a name of no value", `{"type":"compute"}`,
			`(type) invalid value "compute" for type TYPE_ENUM: it takes one of SQL, COMPUTE, VIRTUAL (line 1, column 9)`},
		{"a number of no value", `{"type":7}`,
			`(type) invalid value 7 for type TYPE_ENUM: it takes one of SQL, COMPUTE, VIRTUAL (line 1, column 9)`},
		{"a bare word", `{"type":enum}`,
			`(type) invalid value enum for type TYPE_ENUM: it takes one of SQL, COMPUTE, VIRTUAL (line 1, column 9)`},
		{"a name, where one has a second name", `{"cluster_status":"DOWN"}`,
			`(cluster_status) invalid value "DOWN" for type TYPE_ENUM: it takes one of UNKNOWN, NORMAL, SUSPENDED (or STOPPED), TO_RESUME, MANUAL_SHUTDOWN (line 1, column 19)`},
		{"a second name elsewhere", `{"nodes":[{"status":"STOPPED"}]}`,
			`(nodes[0].status) invalid value "STOPPED" for type TYPE_ENUM: it takes one of NODE_STATUS_UNKNOWN, NODE_STATUS_RUNNING, ` +
				`NODE_STATUS_SHUTDOWN, NODE_STATUS_DECOMMISSIONING, NODE_STATUS_DECOMMISSIONED (line 1, column 21)`},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := Unmarshal([]byte(c.body), &pb.ClusterPB{})
			if err == nil || err.Error() != c.want {
				t.Errorf("got  %v\nwant %s", err, c.want)
			}
		})
	}
}

func TestRefusesBooleans(t *testing.T) {
	for _, value := range []string{`1`, `"yes"`, `""`, `TRUE`, `[]`} {
		if err := Unmarshal([]byte(`{"sse_enabled":`+value+`}`), &pb.CreateInstanceRequest{}); err == nil {
			t.Errorf("%s is accepted", value)
		}
	}
}

func TestRequiredFields(t *testing.T) {
	err := Unmarshal([]byte(`{"vault":{"hdfs_info":{"build_conf":{"hdfs_confs":[{"key":"k"}]}}}}`), &pb.CreateInstanceRequest{})
	const want = `(vault.hdfs_info.build_conf.hdfs_confs[0].value) is required but not given (line 1, column 52)`
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

func TestEmptyListDiffersFromNone(t *testing.T) {
	for body, isNil := range map[string]bool{`{"mysql_user_name":[]}`: false, `{"mysql_user_name":null}`: true, `{}`: true} {
		var c pb.ClusterPB
		if err := Unmarshal([]byte(body), &c); err != nil {
			t.Fatal(err)
		}
		if len(c.MysqlUserName) != 0 || (c.MysqlUserName == nil) != isNil {
			t.Errorf("%s gives %#v", body, c.MysqlUserName)
		}
	}
}

func TestErrorsHoldNoSecret(t *testing.T) {
	const canary = "CANARY-7f3a"
	for _, body := range []string{
		`{"obj_info":{"sk":["` + canary + `"]}}`,
		`{"obj_info":{"sk":{"` + canary + `":1}}}`,
		`{"obj_info":{"sk":"` + canary + `" "x"}}`,
		`{"obj_info":{"sk":"` + canary,
		`{"obj_info":{"sk":"` + canary + `\u00"}}`,
		`{"obj_info":{"ak":"a", "sk" "` + canary + `"}}`,
		`{"` + canary + `":@}`,
		`{"obj_info":"` + canary + `"}`,
		`{"vault":{"hdfs_info":{"build_conf":{"hdfs_kerberos_keytab":true,"x":"` + canary + `"}}}}`,
		canary,
	} {
		err := Unmarshal([]byte(body), &pb.CreateInstanceRequest{})
		if err == nil {
			t.Errorf("%s is accepted", body)
		} else if strings.Contains(err.Error(), canary) {
			t.Errorf("%s is answered %q", body, err)
		}
	}
	err := Unmarshal([]byte(`{"sk":false}`), &pb.RamUserPB{})
	const want = `(sk) invalid value ****** for type TYPE_STRING: it takes a string (line 1, column 7)`
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestErrorsBoundTheValue(t *testing.T) {
	for _, value := range []string{`"` + strings.Repeat("é", 1000) + `"`, strings.Repeat("9", 1000)} {
		err := Unmarshal([]byte(`{"heartbeat_port":`+value+`}`), &pb.NodeInfoPB{})
		if err == nil || len(err.Error()) > 300 {
			t.Errorf("got %v", err)
		}
	}
}

// The reader knows the types of fields that requests have: this keeps it so.
func TestKnowsEveryFieldOfTheRequests(t *testing.T) {
	for _, m := range requests() {
		body := protojson.Format(filled(m.ProtoReflect().Descriptor()).Interface())
		if err := Unmarshal([]byte(body), m); err != nil {
			t.Errorf("%T: %v in\n%s", m, err, body)
		}
	}
}
