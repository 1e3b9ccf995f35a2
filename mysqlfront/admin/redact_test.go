package admin

import (
	"errors"
	"strings"
	"testing"

	"google.golang.org/protobuf/reflect/protoreflect"

	pb "roster/core/metapb"
	"roster/mysqlfront/session"
)

func TestRedact(t *testing.T) {
	tests := []struct{ in, want string }{
		{`SHOW CLUSTERS IN 'x' /* c */ LIKE 'y'`, `SHOW CLUSTERS IN 'x' LIKE 'y'`},
		{`CREATE USER u IDENTIFIED BY 'p' ROLE admin`, `CREATE USER u IDENTIFIED BY '<redacted>' ROLE admin`},
		{`CREATE USER u IDENTIFIED BY "it's"`, `CREATE USER u IDENTIFIED BY '<redacted>'`},
		{`CREATE USER u IDENTIFIED BY p`, `CREATE USER u IDENTIFIED BY '<redacted>'`},
		{`CREATE USER u IDENTIFIED BY ? ROLE admin`, `CREATE USER u IDENTIFIED BY ? ROLE admin`},
		{`CREATE USER u IDENTIFIED BY SECRET FROM FILE 'f' ROLE admin`, `CREATE USER u IDENTIFIED BY SECRET FROM FILE 'f' ROLE admin`},
		{`CREATE USER u IDENTIFIED WITH mysql_native_password BY 'p'`, `CREATE USER u IDENTIFIED WITH mysql_native_password BY '<redacted>'`},
		{`CREATE USER u IDENTIFIED WITH x AS 'p'`, `CREATE USER u IDENTIFIED WITH x AS '<redacted>'`},
		{`CREATE USER u IDENTIFIED BY PASSWORD 'p'`, `CREATE USER u IDENTIFIED BY '<redacted>'`},
		{`CREATE USER u IDENTIFIED BY 'it's a secret' ROLE admin`, `CREATE USER u IDENTIFIED BY '<redacted>'`},
		{`SET PASSWORD FOR u = 'p'`, `SET PASSWORD FOR u = '<redacted>'`},
		{`SET PASSWORD = PASSWORD('p')`, `SET PASSWORD = '<redacted>'`},
		{`ALTER OBJECT STORE 1 SET ACCESS KEY 'a' IDENTIFIED BY 's'`, `ALTER OBJECT STORE 1 SET ACCESS KEY '<redacted>' IDENTIFIED BY '<redacted>'`},
		{`CREATE INSTANCE x PROPERTIES("obj.ak"="a", obj_sk=s, "bucket"="b", "x.TOKEN"=1)`, `CREATE INSTANCE x PROPERTIES("obj.ak"='<redacted>', obj_sk='<redacted>', "bucket"="b", "x.TOKEN"='<redacted>')`},
		{`CREATE INSTANCE x PROPERTIES("obj.sk" "s")`, `CREATE INSTANCE x PROPERTIES("obj.sk" '<redacted>')`},
		{`CREATE INSTANCE x PROPERTIES("vault"=' {"sk":"s"}')`, `CREATE INSTANCE x PROPERTIES("vault"='<redacted>')`},
		{`ADMIN SET VALUE 'K' KEY '01' TO 'junk'`, `ADMIN SET VALUE 'K' KEY '01' TO '<redacted>'`},
		{`ADMIN SET VALUE 'K' KEY '01' TO junk`, `ADMIN SET VALUE 'K' KEY '01' TO '<redacted>'`},
		{`CREATE INSTANCE x PROPERTIES(? = 's', "bucket"="b")`, `CREATE INSTANCE x PROPERTIES(? = '<redacted>', "bucket"="b")`},
		{`ADMIN DECODE KEY '0110'`, `ADMIN DECODE KEY '0110'`},
		{`SHOW CLUSTERS WHERE Cluster = 'etl`, `SHOW CLUSTERS WHERE Cluster = <unreadable>`},
		{`/*!40101 ALTER USER u IDENTIFIED BY 'p' */`, `ALTER USER u IDENTIFIED BY '<redacted>'`},
	}
	for _, tt := range tests {
		if got := Redact(tt.in); got != tt.want {
			t.Errorf("got  %s\nwant %s", got, tt.want)
		}
	}
}

// TestRedactKnowsEverySecretField walks the messages properties are given for.
func TestRedactKnowsEverySecretField(t *testing.T) {
	seen := 0
	var walk func(d protoreflect.MessageDescriptor, path string, depth int)
	walk = func(d protoreflect.MessageDescriptor, path string, depth int) {
		for i := range d.Fields().Len() {
			f := d.Fields().Get(i)
			at := path + string(f.Name())
			switch {
			case isSecret(f) && isPairs(f):
				at += ".some.name"
				fallthrough
			case isSecret(f):
				seen++
				if out := Redact(`CREATE INSTANCE x PROPERTIES("` + at + `"='` + secretCanary + `')`); strings.Contains(out, secretCanary) {
					t.Errorf("the value of %s shows", at)
				}
			case f.Message() != nil && !f.IsMap() && depth < 5:
				walk(f.Message(), at+".", depth+1)
			}
		}
	}
	for _, m := range []interface{ ProtoReflect() protoreflect.Message }{&pb.CreateInstanceRequest{}, &pb.ObjectStoreInfoPB{}, &pb.ClusterPB{}, &pb.NodeInfoPB{}} {
		walk(m.ProtoReflect().Descriptor(), "", 0)
	}
	if seen < 6 {
		t.Errorf("only %d secret fields were tried", seen)
	}
}

// secretPlaces are statements with a secret at the place marked @, well formed or not.
var secretPlaces = []string{
	`CREATE USER u IDENTIFIED BY '@'`, `CREATE USER u IDENTIFIED BY '@' ROLE nobody garbage`, `CREATE USER u garbage IDENTIFIED BY '@'`, `CREATE USER u IDENTIFIED BY '@`,
	`CREATE USER u IDENTIFIED BY "@" "@"`, `CREATE USER u IDENTIFIED BY @`, "CREATE USER u IDENTIFIED BY `@`", `CREATE USER u IDENTIFIED '@'`, `ALTER USER u IDENTIFIED BY '@' IDENTIFIED BY '@'`,
	`ALTER USER u IDENTIFIED BY 'it's @'`, `ALTER OBJECT STORE 1 SET ACCESS KEY '@' IDENTIFIED BY '@'`, `ALTER OBJECT STORE 1 ACCESS KEY '@'`, `ALTER OBJECT STORE 1 SET ACCESS KEY @ IDENTIFIED`,
	`ALTER INSTANCE x ROTATE CREDENTIALS BUCKET USER 'u' ACCESS KEY '@' IDENTIFIED BY '@' garbage`,
	`CREATE INSTANCE x PROPERTIES("obj.sk"='@')`, `CREATE INSTANCE x PROPERTIES("obj.skk"='@')`, `CREATE INSTANCE x PROPERTIES("obj.sk"='@' garbage`, `CREATE INSTANCE x PROPERTIES("obj.sk" '@')`, `CREATE INSTANCE x PROPERTIES("obj.sk"=@`,
	`CREATE INSTANCE x PROPERTIES("a"='b', "obj.ak" = '@', "obj.sk" = '@'`, `CREATE INSTANCE x PROPERTIES("vault"='{"sk":"@"}')`, `CREATE INSTANCE x PROPERTIES("vault"='{"sk":"@"') garbage`,
	`ADMIN SET VALUE 'K' KEY '01' TO '{"sk":"@"}'`, `ADMIN SET VALUE 'K' KEY '01' TO '@'`, `ADMIN SET VALUE 'K' TO 'x' '@'`,
	`CREATE INSTANCE x PROPERTIES("obj.ctime"='x', "obj.sk"='@')`, `CREATE INSTANCE x PROPERTIES("obj.sk"='@', "ram_user"='@')`,
	`CREATE USER u IDENTIFIED BY '@'; SELECT 1`, `/* @ */ DROP USER u`, `DROP USER u -- @`,
}

func TestSecretsNeverShow(t *testing.T) {
	for _, place := range secretPlaces {
		checkNoLeak(t, strings.ReplaceAll(place, "@", secretCanary))
	}
}

// checkNoLeak looks for the canary in all that is said of a statement.
func checkNoLeak(t *testing.T, text string) {
	t.Helper()
	if out := Redact(text); strings.Contains(out, secretCanary) {
		t.Errorf("%q is redacted to %q", text, out)
	}
	s := admin()
	stmt, ok, err := New(Options{Backend: newFake()}).Prepare(s, text)
	if err == nil && ok {
		if out := stmt.Redacted(); strings.Contains(out, secretCanary) {
			t.Errorf("%q is redacted to %q", text, out)
		}
		_, err = stmt.Run(t.Context(), s, make([]any, stmt.Params()))
	}
	if err != nil && strings.Contains(err.Error(), secretCanary) {
		t.Errorf("%q fails with %q", text, err)
	}
	for _, w := range s.Warnings {
		if strings.Contains(w.Message, secretCanary) {
			t.Errorf("%q warns %q", text, w.Message)
		}
	}
}

func FuzzRedact(f *testing.F) {
	f.Add("p", " ROLE admin", uint8(0))
	f.Add("a'b", ")", uint8(3))
	f.Add(`a\`, "--", uint8(1))
	f.Fuzz(func(t *testing.T, before, after string, n uint8) {
		places := []string{"CREATE USER u IDENTIFIED BY ", "ALTER OBJECT STORE 1 ACCESS KEY ", `CREATE INSTANCE x PROPERTIES("obj.sk"=`, `CREATE INSTANCE x PROPERTIES(a='b', "vault.obj_info.sk" = `}
		// The secret is quoted as it must be; what stands after it is anything.
		if strings.Contains(before+after, secretCanary) {
			t.Skip()
		}
		checkNoLeak(t, places[int(n)%len(places)]+quote(before+secretCanary)+after)
	})
}

func FuzzPrepare(f *testing.F) {
	for _, r := range table {
		for _, e := range r.examples {
			f.Add(e)
		}
	}
	for _, p := range secretPlaces {
		f.Add(p)
	}
	f.Add("SHOW CLUSTERS WHERE (((NOT a = 1 OR b LIKE '%') AND c IN (1,2)))")
	f.Add("/*!40101 HELP */ # x\n;")
	f.Fuzz(func(t *testing.T, text string) {
		s := admin()
		stmt, ok, err := New(Options{Backend: newFake()}).Prepare(s, text)
		if !ok {
			return
		}
		if err != nil {
			var shown *session.Error
			if !errors.As(err, &shown) || shown.Number != 1064 {
				t.Errorf("%q fails with %v", text, err)
			}
			return
		}
		if redacted := stmt.Redacted(); !strings.Contains(redacted, redactedMark) {
			again, ok, err := New(Options{}).Prepare(s, redacted)
			if !ok || err != nil || again.Redacted() != redacted {
				t.Errorf("%q is redacted to %q, which is not the same statement: %v", text, redacted, err)
			}
		}
		args := make([]any, stmt.Params())
		for i := range args {
			args[i] = "x"
		}
		result, err := stmt.Run(t.Context(), s, args)
		if err != nil || result.Rows == nil {
			return
		}
		for row, err := range result.Rows {
			if err == nil && len(row) != len(stmt.Columns()) {
				t.Errorf("%q has %d values for %d columns", text, len(row), len(stmt.Columns()))
			}
		}
	})
}

func FuzzQuote(f *testing.F) {
	for _, s := range []string{"", "a'b", `a\b`, "a\nb\x00\x1a", "`", `\%`, "é"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, q := range []string{quote(s), quoteName(s)} {
			tokens, fl := scan(q)
			if fl != nil || len(tokens) != 1 || unquote(tokens[0].raw) != s {
				t.Errorf("%q is quoted as %s", s, q)
			}
		}
	})
}
