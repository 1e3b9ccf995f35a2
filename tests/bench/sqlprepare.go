//go:build linux

package main

import (
	"encoding/binary"
	"fmt"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// prepare has the server prepare a statement and returns the command that executes
// it with the values given.
func (c *sqlClient) prepare(text string, values ...string) ([]byte, error) {
	if _, err := c.conn.Write(sqlCommand(mysql.COM_STMT_PREPARE, text)); err != nil {
		return nil, err
	}
	reply, err := c.packet()
	if err != nil {
		return nil, err
	}
	if reply[0] != mysql.OK_HEADER || len(reply) < 9 {
		return nil, refusedSQL(reply)
	}
	id, columns, params := reply[1:5], binary.LittleEndian.Uint16(reply[5:]), binary.LittleEndian.Uint16(reply[7:])
	if int(params) != len(values) {
		return nil, fmt.Errorf("%s has %d parameters, want %d", text, params, len(values))
	}
	for _, described := range []uint16{params, columns} {
		if described == 0 {
			continue
		}
		for range described + 1 { // and the end of the list
			if _, err := c.packet(); err != nil {
				return nil, err
			}
		}
	}
	p := append([]byte{mysql.COM_STMT_EXECUTE}, id...)
	p = append(p, 0, 1, 0, 0, 0)                      // no cursor, once
	p = append(p, make([]byte, (len(values)+7)/8)...) // no NULL
	p = append(p, 1)                                  // types follow
	for range values {
		p = append(p, mysql.MYSQL_TYPE_VAR_STRING, 0)
	}
	for _, v := range values {
		p = append(append(p, byte(len(v))), v...)
	}
	return sqlPacket(0, p), nil
}
