package main

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"syscall"

	"github.com/go-sql-driver/mysql"
)

// Lines in which a server says where it listens.
var (
	restLine = regexp.MustCompile(`listening on (http://\S+)`)
	sqlLine  = regexp.MustCompile(`listening for MySQL on (\S+)`)
)

// server is a running roster and its clients.
type server struct {
	cmd *exec.Cmd
	url string
	db  *sql.DB
}

// start runs a server on a directory until it listens.
func start(ctx context.Context, binary, dir string) (*server, error) {
	s := &server{cmd: exec.CommandContext(ctx, binary, "serve", "--data-dir", dir,
		"--http-addr", "127.0.0.1:0", "--mysql-addr", "127.0.0.1:0", "--log-level", "error")}
	s.cmd.Stderr = os.Stderr
	printed, err := s.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	var addr string
	lines := bufio.NewScanner(printed)
	for (s.url == "" || addr == "") && lines.Scan() {
		if m := restLine.FindStringSubmatch(lines.Text()); m != nil {
			s.url = m[1]
		}
		if m := sqlLine.FindStringSubmatch(lines.Text()); m != nil {
			addr = m[1]
		}
	}
	go func() { _, _ = io.Copy(io.Discard, printed) }() // a full pipe would hold the server up
	config := mysql.NewConfig()
	config.Net, config.Addr, config.User, config.InterpolateParams = "tcp", addr, "root", true
	connector, err := mysql.NewConnector(config)
	if err == nil && (s.url == "" || addr == "") {
		err = fmt.Errorf("%s serve said no address", binary)
	}
	if err != nil {
		return nil, errors.Join(err, s.cmd.Process.Kill(), s.cmd.Wait())
	}
	s.db = sql.OpenDB(connector)
	return s, nil
}

// kill ends the server by SIGKILL.
func (s *server) kill() error {
	if err := s.cmd.Process.Kill(); err != nil {
		return errors.Join(err, s.db.Close())
	}
	return s.crashed(context.Background())
}

// crashed waits until SIGKILL has ended the server.
func (s *server) crashed(ctx context.Context) error {
	err := s.cmd.Wait()
	if status, ok := s.cmd.ProcessState.Sys().(syscall.WaitStatus); ok && status.Signal() == syscall.SIGKILL && ctx.Err() == nil {
		err = nil
	}
	return errors.Join(err, s.db.Close())
}
