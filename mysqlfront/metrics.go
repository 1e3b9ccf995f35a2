package mysqlfront

import (
	"strconv"
	"sync"
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
	// served has all commands.
	served map[string]func() served
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
	m.served = map[string]func() served{unknownCommand: m.serve(unknownCommand)}
	for _, command := range commands {
		m.served[command.name] = m.serve(command.name)
	}
	return m
}

// served are the metrics of one command, since finding them by their labels takes
// longer than counting.
type served struct {
	// ok counts those that had no error.
	ok      prometheus.Counter
	seconds prometheus.Observer
}

// serve makes the metrics of a command when the first arrives.
func (m *metrics) serve(command string) func() served {
	return sync.OnceValue(func() served {
		return served{m.commands.WithLabelValues(command, "0"), m.seconds.WithLabelValues(command)}
	})
}

func (m *metrics) observe(command string, errno uint16, took time.Duration) {
	of := m.served[command]()
	of.seconds.Observe(took.Seconds())
	if errno == 0 {
		of.ok.Inc()
		return
	}
	m.commands.WithLabelValues(command, strconv.Itoa(int(errno))).Inc()
}
