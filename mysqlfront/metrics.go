package mysqlfront

import (
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

type metrics struct {
	commands    *prometheus.CounterVec
	seconds     *prometheus.HistogramVec
	refused     *prometheus.CounterVec
	logins      *prometheus.CounterVec
	panics      *prometheus.CounterVec
	connections prometheus.Gauge
}

func newMetrics(registry *prometheus.Registry) *metrics {
	m := &metrics{
		commands: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "roster_mysql_commands_total", Help: "MySQL commands answered, by command and error number (0: none).",
		}, []string{"command", "errno"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "roster_mysql_command_seconds", Help: "Time from a command's arrival to its answer.",
			Buckets: []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10},
		}, []string{"command"}),
		refused: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "roster_mysql_refused_total", Help: "Connections refused or ended by the server, by reason.",
		}, []string{"reason"}),
		logins: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "roster_mysql_logins_total", Help: "Logins, by result.",
		}, []string{"result"}),
		panics: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "roster_mysql_panics_total", Help: "Panics caught, by where.",
		}, []string{"where"}),
		connections: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "roster_mysql_connections", Help: "Open MySQL connections.",
		}),
	}
	registry.MustRegister(m.commands, m.seconds, m.refused, m.logins, m.panics, m.connections)
	return m
}

func (m *metrics) observe(command string, errno uint16, took time.Duration) {
	m.commands.WithLabelValues(command, strconv.Itoa(int(errno))).Inc()
	m.seconds.WithLabelValues(command).Observe(took.Seconds())
}
