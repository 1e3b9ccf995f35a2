package tikvstore

import "roster/core"

func checkKey(key []byte) error {
	switch n := len(key); {
	case n == 0:
		return core.Errorf(core.InvalidArgument, "the key is empty; a key has 1 to %d bytes", core.MaxKeyBytes)
	case n > core.MaxKeyBytes:
		return core.Errorf(core.InvalidArgument, "the key has %d bytes; a key has 1 to %d", n, core.MaxKeyBytes)
	}
	return nil
}

func checkValue(value []byte) error {
	switch n := len(value); {
	case n == 0:
		return core.Errorf(core.InvalidArgument, "the value is empty; delete the key instead")
	case n > core.MaxValueBytes:
		return core.Errorf(core.InvalidArgument, "the value has %d bytes; a value has 1 to %d", n, core.MaxValueBytes)
	}
	return nil
}

// scanLimit is the number of items a scan with the given limit may return.
func scanLimit(limit int) (int, error) {
	switch {
	case limit == 0:
		return core.MaxScan, nil
	case limit < 0 || limit > core.MaxScan:
		return 0, core.Errorf(core.InvalidArgument, "the limit of the scan is %d; it is 1 to %d, or 0 for the most", limit, core.MaxScan)
	}
	return limit, nil
}
