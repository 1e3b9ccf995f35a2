// Command example drives a Roster with failpoints through two faults from
// outside, as a suite of your own would: an answer that is lost, and a crash. It
// needs nothing of this module, so that it can be copied.
//
//	go run ./tests/faults/example bin/roster-failpoint
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"
)

// limit bounds the whole run.
const limit = 90 * time.Second

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: example PATH-OF-ROSTER-FAILPOINT")
		os.Exit(2)
	}
	if err := run(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "not as promised:", err)
		os.Exit(1)
	}
	fmt.Println("all as promised")
}

func run(binary string) error {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	dir, err := os.MkdirTemp("", "roster-example-")
	if err != nil {
		return err
	}
	return errors.Join(scenes(ctx, binary, dir), os.RemoveAll(dir))
}

func scenes(ctx context.Context, binary, dir string) error {
	s, err := start(ctx, binary, dir)
	if err != nil {
		return err
	}
	err = s.post(ctx, "create_instance", "", `{"instance_id": "demo", "user_id": "me", "obj_info": {"ak": "ak", "sk": "sk",
		"bucket": "b", "endpoint": "s3.example.com", "region": "r", "provider": "S3"}}`)
	if err == nil {
		err = lostAnswer(ctx, s)
	}
	if err == nil {
		err = lostAnswerInSQL(ctx, s)
	}
	if err != nil {
		return errors.Join(err, s.kill())
	}
	return crash(ctx, s, binary, dir)
}
