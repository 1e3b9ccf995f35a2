package tables

import (
	"database/sql/driver"
	"time"
)

var sessionFunctions = map[string]scalar{
	"m_database": func(r *run, _ []driver.Value) (driver.Value, error) {
		if r.session.Database == "" {
			return nil, nil
		}
		return r.session.Database, nil
	},
	"m_user": func(r *run, _ []driver.Value) (driver.Value, error) {
		return r.session.User + "@" + clientHost(r.session), nil
	},
	"m_current_user": func(r *run, _ []driver.Value) (driver.Value, error) { return r.session.User + "@%", nil },
	"m_current_role": func(r *run, _ []driver.Value) (driver.Value, error) {
		return "`" + r.session.Role.String() + "`@`%`", nil
	},
	"m_connection_id": func(r *run, _ []driver.Value) (driver.Value, error) { return int64(r.session.ID), nil },
	"m_version_text": func(r *run, _ []driver.Value) (driver.Value, error) {
		return r.engine.variableValue(r.session, "version", true), nil
	},
	"m_variable": func(r *run, a []driver.Value) (driver.Value, error) {
		return r.engine.variableValue(r.session, asText(a[0]), asInt(a[1]) != 0), nil
	},
	"m_user_variable": func(r *run, a []driver.Value) (driver.Value, error) {
		if v, ok := r.session.Vars["@"+asText(a[0])]; ok {
			return v, nil
		}
		return nil, nil
	},
	"m_sleep": func(r *run, a []driver.Value) (driver.Value, error) {
		seconds := 0.0
		if a[0] != nil {
			seconds = asFloat(a[0])
		}
		if seconds < 0 {
			return nil, fail(1210, "HY000", "Incorrect arguments to sleep")
		}
		timer := time.NewTimer(time.Duration(min(seconds, 1e6) * float64(time.Second)))
		defer timer.Stop()
		select {
		case <-timer.C:
			return int64(0), nil
		case <-r.ctx.Done():
			return nil, r.ctx.Err()
		}
	},
}
