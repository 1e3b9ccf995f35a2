//go:build linux

package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"time"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// sqlCapabilities are those of a client without frills.
const sqlCapabilities = mysql.CLIENT_LONG_PASSWORD | mysql.CLIENT_PROTOCOL_41 | mysql.CLIENT_SECURE_CONNECTION | mysql.CLIENT_PLUGIN_AUTH

const (
	sqlUser       = "root"
	sqlHeader     = 4
	maxSQLPayload = 1 << 20
)

// sqlClient speaks MySQL's protocol over one connection. Of an answer it reads
// only where packets begin and what they begin with.
type sqlClient struct {
	conn    net.Conn
	r       *bufio.Reader
	payload []byte
}

// dialSQL connects and logs in; everything has to be done within the limit.
func dialSQL(ctx context.Context, addr string, limit time.Duration) (*sqlClient, error) {
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", addr)
	if err != nil {
		return nil, err
	}
	err = conn.SetDeadline(time.Now().Add(limit))
	c := newSQLClient(conn)
	if err == nil {
		err = c.login()
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("logging in: %w", err), conn.Close())
	}
	return c, nil
}

func newSQLClient(conn net.Conn) *sqlClient {
	return &sqlClient{conn: conn, r: bufio.NewReaderSize(conn, 32<<10)}
}

// login is a user without a password: an empty answer to whatever is asked.
func (c *sqlClient) login() error {
	greeting, err := c.packet()
	if err != nil {
		return err
	}
	if greeting[0] != 10 {
		return refusedSQL(greeting)
	}
	p := binary.LittleEndian.AppendUint32(nil, sqlCapabilities)
	p = binary.LittleEndian.AppendUint32(p, maxSQLPayload)
	p = append(p, mysql.DEFAULT_COLLATION_ID)
	p = append(p, make([]byte, 23)...)
	p = append(p, sqlUser+"\x00\x00"+mysql.AUTH_NATIVE_PASSWORD+"\x00"...)
	if _, err := c.conn.Write(sqlPacket(1, p)); err != nil {
		return err
	}
	reply, err := c.packet()
	if err == nil && reply[0] == mysql.EOF_HEADER { // another plugin is wanted
		if _, err = c.conn.Write(sqlPacket(3, nil)); err == nil {
			reply, err = c.packet()
		}
	}
	if err == nil && reply[0] != mysql.OK_HEADER {
		err = refusedSQL(reply)
	}
	return err
}

// sqlPacket is a payload with its header before it.
func sqlPacket(sequence byte, payload []byte) []byte {
	n := len(payload)
	return append([]byte{byte(n), byte(n >> 8), byte(n >> 16), sequence}, payload...)
}

func sqlCommand(command byte, payload string) []byte {
	return sqlPacket(0, append([]byte{command}, payload...))
}

func sqlQuery(text string) []byte { return sqlCommand(mysql.COM_QUERY, text) }

// packet is the payload of the next packet.
func (c *sqlClient) packet() ([]byte, error) {
	size, err := c.head()
	if err != nil {
		return nil, err
	}
	payload := make([]byte, size)
	if _, err := io.ReadFull(c.r, payload); err != nil {
		return nil, err
	}
	return payload, nil
}

// head reads a packet's header and returns the length of its payload.
func (c *sqlClient) head() (int, error) {
	head, err := c.r.Peek(sqlHeader)
	if err != nil {
		return 0, fmt.Errorf("reading a packet: %w", err)
	}
	size := int(head[0]) | int(head[1])<<8 | int(head[2])<<16
	if size == 0 || size > maxSQLPayload {
		return 0, fmt.Errorf("a packet of %d bytes is not between 1 and %d", size, maxSQLPayload)
	}
	_, err = c.r.Discard(sqlHeader)
	return size, err
}

// do sends a command and reads its rows. Their number is returned, and that of
// all bytes of the answer; an answer without rows is an error.
func (c *sqlClient) do(command []byte) (rows, size int, err error) {
	if _, err := c.conn.Write(command); err != nil {
		return 0, 0, err
	}
	packets := 0
	for ends := 0; ends < 2; {
		n, err := c.head()
		if err != nil {
			return 0, 0, err
		}
		first, err := c.r.Peek(1)
		if err != nil {
			return 0, 0, fmt.Errorf("reading a packet: %w", err)
		}
		switch {
		case first[0] == mysql.ERR_HEADER, packets == 0 && first[0] == mysql.OK_HEADER:
			payload := make([]byte, n)
			if _, err := io.ReadFull(c.r, payload); err != nil {
				return 0, 0, err
			}
			return 0, 0, refusedSQL(payload)
		case first[0] == mysql.EOF_HEADER && n < 9:
			ends++
		case ends == 1:
			rows++
		}
		if _, err := c.r.Discard(n); err != nil {
			return 0, 0, fmt.Errorf("reading a packet: %w", err)
		}
		packets++
		size += sqlHeader + n
	}
	return rows, size, nil
}

// exec sends a command that answers without rows.
func (c *sqlClient) exec(command []byte) error {
	_, err := c.ok(command)
	return err
}

// change sends a command that is to change one row.
func (c *sqlClient) change(command []byte) error {
	reply, err := c.ok(command)
	if err == nil && (len(reply) < 2 || reply[1] == 0) {
		err = errors.New("the statement changed no row")
	}
	return err
}

// ok is the payload of an answer without rows, valid until the next call.
func (c *sqlClient) ok(command []byte) ([]byte, error) {
	if _, err := c.conn.Write(command); err != nil {
		return nil, err
	}
	n, err := c.head()
	if err != nil {
		return nil, err
	}
	if cap(c.payload) < n {
		c.payload = make([]byte, n)
	}
	c.payload = c.payload[:n]
	if _, err := io.ReadFull(c.r, c.payload); err != nil {
		return nil, err
	}
	if c.payload[0] != mysql.OK_HEADER {
		return nil, refusedSQL(c.payload)
	}
	return c.payload, nil
}

// answerTo is an answer as it came.
func (c *sqlClient) answerTo(command []byte) ([]byte, error) {
	var answer bytes.Buffer
	c.r.Reset(io.TeeReader(c.conn, &answer))
	defer c.r.Reset(c.conn)
	_, _, err := c.do(command)
	return answer.Bytes(), err
}

// value is the first column of the only row of an answer.
func (c *sqlClient) value(text string) (string, error) {
	packets, err := c.answerTo(sqlQuery(text))
	if err != nil {
		return "", err
	}
	result, err := resultOf(packets)
	if err != nil {
		return "", err
	}
	if len(result.RowDatas) != 1 {
		return "", fmt.Errorf("%s: %d rows, want 1", text, len(result.RowDatas))
	}
	value, _, _, err := mysql.LengthEncodedString(result.RowDatas[0])
	return string(value), err
}

// refusedSQL is an error for an answer that is none of rows.
func refusedSQL(payload []byte) error {
	if payload[0] != mysql.ERR_HEADER || len(payload) < 9 {
		return fmt.Errorf("the server answered % x, which was not to be expected", payload[:min(len(payload), 16)])
	}
	return fmt.Errorf("the server refused: error %d: %.300s", binary.LittleEndian.Uint16(payload[1:]), payload[9:])
}

func (c *sqlClient) close() error { return c.conn.Close() }
