package main

import (
	"context"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/sirupsen/logrus"
	"github.com/spf13/cobra"
)

func serveCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Run the server",
		Long: `Run the server until SIGTERM or an interrupt.

Each setting is taken from its flag, else from its environment variable
(--http-addr is ROSTER_HTTP_ADDR), else from the config file, else its default.
SIGHUP reads the token file and the file of MySQL users again.`,
		Example: `  roster serve
  roster serve --http-addr 0.0.0.0:5000 --token-file tokens.txt --log-format json
  roster serve --store tikv --pd pd1:2379,pd2:2379 --key-file keys.txt
  roster serve --config roster.toml`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := loadConfig(cmd.Flags())
			if err != nil {
				return err
			}
			return serve(cmd.Context(), c, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	addFlags(cmd.Flags())
	return cmd
}

// serve runs a server until ctx ends or a front fails.
func serve(ctx context.Context, c config, stdout, stderr io.Writer) error {
	hangup := make(chan os.Signal, 1)
	signal.Notify(hangup, syscall.SIGHUP)
	defer signal.Stop(hangup)
	log, err := c.newLogger(stderr)
	if err != nil {
		return err
	}
	s, err := start(ctx, c, log)
	if err != nil {
		return err
	}
	if err := s.greet(stdout); err != nil {
		log.WithError(err).Warn("could not print the greeting")
	}
	for {
		select {
		case <-hangup:
			s.reload()
		case err := <-s.failed:
			log.WithError(err).Error("stopping")
			if closing := s.close(); closing != nil {
				log.WithError(closing).Error("could not stop cleanly")
			}
			return err
		case <-ctx.Done():
			log.Info("stopping: finishing requests under way")
			return s.close()
		}
	}
}

func (c config) newLogger(w io.Writer) (*logrus.Logger, error) {
	level, err := logrus.ParseLevel(c.LogLevel)
	if err != nil {
		return nil, err
	}
	log := logrus.New()
	log.SetOutput(w)
	log.SetLevel(level)
	if c.LogFormat == "json" {
		log.SetFormatter(new(logrus.JSONFormatter))
	}
	return log, nil
}
