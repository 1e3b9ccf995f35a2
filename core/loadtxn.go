package core

import (
	"context"
	"encoding/binary"
	"time"

	"roster/core/metakey"
	pb "roster/core/metapb"
)

// stampBytes is the length of the versionstamp that ends a label's record.
const stampBytes = 10

// AbortTxn is API's.
func (s *Service) AbortTxn(ctx context.Context, req *pb.AbortTxnRequest) (*pb.AbortTxnResponse, error) {
	txnID, dbID := orUnset(req.TxnId), orUnset(req.DbId)
	if txnID <= 0 && (req.GetLabel() == "" || dbID < 0) {
		return nil, Errorf(InvalidArgument, "invalid txn id and label, db_id=%d txn_id=%d label=%s", dbID, txnID, req.GetLabel())
	}
	if err := checkLengths(req); err != nil {
		return nil, err
	}
	t := &trace{operation: "abort_txn", request: req}
	err := s.amend(ctx, t, "", func(tx Txn, now time.Time) (err error) {
		if t.instance, err = resolveGuarded(tx, req.GetCloudUniqueId()); err != nil {
			return err
		}
		if t.instance == "" {
			return Errorf(InvalidArgument, "cannot find instance_id with cloud_unique_id=%s label=%s txn_id=%d",
				orEmpty(req.GetCloudUniqueId()), req.GetLabel(), txnID)
		}
		txn, err := txnToAbort(tx, t.instance, req)
		if err != nil {
			return orNoInstance(tx, t.instance, err)
		}
		return abortTxn(tx, t.instance, txn, req, now)
	})
	if err != nil {
		return nil, err
	}
	return &pb.AbortTxnResponse{Status: statusOK()}, nil
}

// orUnset is how the existing service shows a number that was not given.
func orUnset(n *int64) int64 {
	if n == nil {
		return -1
	}
	return *n
}

// txnToAbort finds a transaction by its id, else by its label (meta-service.md 9.7).
func txnToAbort(tx Txn, instanceID string, req *pb.AbortTxnRequest) (*pb.TxnInfoPB, error) {
	if req.GetTxnId() <= 0 {
		return runningTxn(tx, instanceID, req.GetDbId(), req.GetLabel())
	}
	txnID, dbID := req.GetTxnId(), req.GetDbId()
	if dbID <= 0 {
		var index pb.TxnIndexPB
		found, err := readRecord(tx, metakey.TxnIndex(instanceID, txnID), &index)
		if err != nil {
			return nil, err
		}
		if !found {
			return nil, Errorf(Internal, "transaction [%d] not found", txnID)
		}
		dbID = index.GetTabletIndex().GetDbId()
	}
	txn := new(pb.TxnInfoPB)
	found, err := readRecord(tx, metakey.TxnInfo(instanceID, dbID, txnID), txn)
	if err != nil {
		return nil, err
	}
	if !found {
		return nil, Errorf(Internal, "failed to get txn_info, db_id=%dtxn_id=%derr=KeyNotFound", dbID, txnID)
	}
	switch txn.GetStatus() {
	case pb.TxnStatusPB_TXN_STATUS_ABORTED:
		return nil, Errorf(Internal, "transaction [%d] is already aborted, db_id=%d", txnID, dbID)
	case pb.TxnStatusPB_TXN_STATUS_VISIBLE:
		return nil, Errorf(Internal, "transaction [%d] is already VISIBLE, db_id=%d", txnID, dbID)
	}
	txn.DbId, txn.TxnId = &dbID, &txnID
	return txn, nil
}

// runningTxn is the first transaction of a label that can still be aborted.
func runningTxn(tx Txn, instanceID string, dbID int64, label string) (*pb.TxnInfoPB, error) {
	key := metakey.TxnLabel(instanceID, dbID, label)
	raw, err := tx.Get(key)
	if err != nil {
		return nil, err
	}
	if raw == nil {
		return nil, Errorf(Internal, "txn->get() failed, label=%s err=KeyNotFound", label)
	}
	if err := tx.Guard(key); err != nil {
		return nil, err
	}
	var record pb.TxnLabelPB
	if err := parseRecord(key, raw[:max(0, len(raw)-stampBytes)], &record); err != nil {
		return nil, err
	}
	for _, id := range record.GetTxnIds() {
		txn := new(pb.TxnInfoPB)
		found, err := readRecord(tx, metakey.TxnInfo(instanceID, dbID, id), txn)
		if err != nil {
			return nil, err
		}
		switch status := txn.GetStatus(); {
		case !found:
		case status == pb.TxnStatusPB_TXN_STATUS_PREPARED, status == pb.TxnStatusPB_TXN_STATUS_PRECOMMITTED:
			txn.DbId, txn.TxnId = &dbID, &id
			return txn, nil
		}
	}
	return nil, Errorf(Internal, "running transaction not found, db_id=%d label=%s", dbID, label)
}

func abortTxn(tx Txn, instanceID string, txn *pb.TxnInfoPB, req *pb.AbortTxnRequest, now time.Time) error {
	txn.Status = pb.TxnStatusPB_TXN_STATUS_ABORTED.Enum()
	txn.FinishTime = new(now.UnixMilli())
	txn.Reason = new("User Abort")
	if req.GetReason() != "" {
		txn.Reason = req.Reason
	}
	if req.CommitAttachment != nil {
		txn.CommitAttachment = req.CommitAttachment
	}
	if err := writeRecord(tx, metakey.TxnInfo(instanceID, txn.GetDbId(), txn.GetTxnId()), txn); err != nil {
		return err
	}
	if err := tx.Delete(metakey.TxnRunning(instanceID, txn.GetDbId(), txn.GetTxnId())); err != nil {
		return err
	}
	return writeRecord(tx, metakey.RecycleTxn(instanceID, txn.GetDbId(), txn.GetTxnId()),
		&pb.RecycleTxnPB{CreationTime: txn.FinishTime, Label: txn.Label})
}

// stampedTxnID is the transaction id in the versionstamp that ends a label's
// record, as the C++ service composes it (meta-service.md 11.2, TxnLabelKey).
func stampedTxnID(stamp []byte) int64 {
	return int64(binary.BigEndian.Uint64(stamp)<<10 | uint64(binary.BigEndian.Uint16(stamp[8:])))
}
