package httpfront

import (
	"bytes"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/expfmt"
)

type metrics struct {
	registry    *prometheus.Registry
	routes      sync.Map // of *routeMetrics by *route
	received    prometheus.Counter
	sent        prometheus.Counter
	requests    *prometheus.CounterVec
	seconds     *prometheus.HistogramVec
	bytes       *prometheus.CounterVec
	refused     *prometheus.CounterVec
	connections prometheus.Gauge
	panics      prometheus.Counter
}

func newMetrics(registry *prometheus.Registry) *metrics {
	m := &metrics{
		registry: registry,
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "roster_http_requests_total", Help: "HTTP requests answered, by route and status.",
		}, []string{"route", "code"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "roster_http_request_seconds", Help: "Time from a request's arrival to its reply.",
			Buckets: []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10},
		}, []string{"route"}),
		bytes: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "roster_http_bytes_total", Help: "Bytes of bodies, received (in) and sent (out).",
		}, []string{"direction"}),
		refused: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "roster_http_refused_total", Help: "Connections and unreadable requests refused, by reason.",
		}, []string{"reason"}),
		connections: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "roster_http_connections", Help: "Open HTTP connections.",
		}),
		panics: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "roster_http_panics_total", Help: "Requests answered 500 because their handler panicked.",
		}),
	}
	registry.MustRegister(m.requests, m.seconds, m.bytes, m.refused, m.connections, m.panics)
	m.received, m.sent = m.bytes.WithLabelValues("in"), m.bytes.WithLabelValues("out")
	return m
}

// routeMetrics are the metrics of one route, since finding them by their labels
// takes longer than counting.
type routeMetrics struct {
	seconds prometheus.Observer
	// ok counts the requests answered 200.
	ok func() prometheus.Counter
}

func (m *metrics) of(r *route) *routeMetrics {
	if found, ok := m.routes.Load(r); ok {
		return found.(*routeMetrics)
	}
	of := &routeMetrics{seconds: m.seconds.WithLabelValues(r.name)}
	of.ok = sync.OnceValue(func() prometheus.Counter { return m.answered(r, http.StatusOK) })
	found, _ := m.routes.LoadOrStore(r, of)
	return found.(*routeMetrics)
}

func (m *metrics) answered(r *route, status int) prometheus.Counter {
	return m.requests.WithLabelValues(r.name, strconv.Itoa(status))
}

func (m *metrics) observe(r *route, status int, took time.Duration, in, out int) {
	of := m.of(r)
	of.seconds.Observe(took.Seconds())
	if status == http.StatusOK {
		of.ok().Inc()
	} else {
		m.answered(r, status).Inc()
	}
	m.received.Add(float64(in))
	m.sent.Add(float64(out))
}

// text is everything in the registry as Prometheus reads it.
func (m *metrics) text() ([]byte, error) {
	families, err := m.registry.Gather()
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	for _, f := range families {
		if _, err := expfmt.MetricFamilyToText(&b, f); err != nil {
			return nil, err
		}
	}
	return b.Bytes(), nil
}
