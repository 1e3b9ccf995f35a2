package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"roster/core/metakey"
)

func decodeKeyCommand() *cobra.Command {
	var ascii bool
	cmd := &cobra.Command{
		Use:   "decode-key HEX",
		Short: "Draw the fields of a stored key",
		Example: `  roster decode-key 0110696e7374616e6365000110746573740001
  roster decode-key --ascii 0110696e7374616e6365000110746573740001`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			drawing, err := metakey.Draw(args[0], !ascii)
			if err != nil {
				return err
			}
			_, err = fmt.Fprint(cmd.OutOrStdout(), drawing)
			return err
		},
	}
	cmd.Flags().BoolVar(&ascii, "ascii", false, "draw with ASCII characters only")
	return cmd
}
