package admin

import (
	"context"
	"strings"

	"roster/core"
	pb "roster/core/metapb"
	"roster/mysqlfront/session"
)

// createInstance is create_instance.
type createInstance struct {
	NotExists  bool        `parser:"'CREATE' ( 'INSTANCE' | 'WAREHOUSE' | 'DATABASE' ) @( 'IF' 'NOT' 'EXISTS' )?"`
	Name       name        `parser:"@@"`
	Properties *properties `parser:"@@?"`
	options
}

func (c *createInstance) run(ctx context.Context, x *execution) (*session.Result, error) {
	p, err := x.named(ctx, &c.Name)
	if err != nil {
		return nil, err
	}
	req := &pb.CreateInstanceRequest{InstanceId: new(p.instance)}
	if err := x.assign(req, c.Properties); err != nil {
		return nil, err
	}
	if req.GetInstanceId() != p.instance {
		return nil, invalid("property instance_id is %q, the statement names %q", clip(req.GetInstanceId()), clip(p.instance))
	}
	err = x.CreateInstance(ctx, req)
	if c.NotExists && core.CodeOf(err) == core.AlreadyExisted {
		// The id of an instance that is gone can not be used again, which is no success.
		if doc, getErr := x.document(ctx, p); getErr == nil && doc.GetStatus() != pb.InstanceInfoPB_DELETED {
			return x.unchanged(1007, "Can't create instance '"+p.instance+"'; it exists"), nil
		}
	}
	if err != nil {
		return nil, err
	}
	return x.done(), nil
}

// dropInstance is drop_instance.
type dropInstance struct {
	Exists bool `parser:"'DROP' ( 'INSTANCE' | 'WAREHOUSE' | 'DATABASE' ) @( 'IF' 'EXISTS' )?"`
	Name   name `parser:"@@"`
	options
}

func (c *dropInstance) run(ctx context.Context, x *execution) (*session.Result, error) {
	p, err := x.named(ctx, &c.Name)
	if err != nil {
		return nil, err
	}
	err = x.DropInstance(ctx, &pb.AlterInstanceRequest{InstanceId: &p.instance, Op: pb.AlterInstanceRequest_DROP.Enum()})
	if c.Exists && isNotFound(err) {
		return x.unchanged(1008, "Can't drop instance '"+p.instance+"'; it doesn't exist"), nil
	}
	if err != nil {
		return nil, err
	}
	return x.done(), nil
}

// setInstanceStatus is set_instance_status.
type setInstanceStatus struct {
	Name   name  `parser:"'ALTER' ( 'INSTANCE' | 'WAREHOUSE' ) @@"`
	Status value `parser:"'SET' 'STATUS' '='? @@"`
	options
}

func (c *setInstanceStatus) run(ctx context.Context, x *execution) (*session.Result, error) {
	p, err := x.named(ctx, &c.Name)
	if err != nil {
		return nil, err
	}
	given, err := x.text(&c.Status)
	if err != nil {
		return nil, err
	}
	status, err := oneOf("status", given, "NORMAL", "OVERDUE")
	if err != nil {
		return nil, err
	}
	op := pb.AlterInstanceRequest_SET_NORMAL
	if status == "OVERDUE" {
		op = pb.AlterInstanceRequest_SET_OVERDUE
	}
	if err := x.SetInstanceStatus(ctx, &pb.AlterInstanceRequest{InstanceId: &p.instance, Op: &op}); err != nil {
		return nil, err
	}
	return x.done(), nil
}

// alterInstance is enable_instance_sse, disable_instance_sse and update_ak_sk.
type alterInstance struct {
	Name    name         `parser:"'ALTER' ( 'INSTANCE' | 'WAREHOUSE' ) @@"`
	SSE     string       `parser:"( @( 'ENABLE' | 'DISABLE' ) 'SSE'"`
	Rotated []credential `parser:"| 'ROTATE' 'CREDENTIALS' @@ ( ',' @@ )* )"`
	options
}

// credential is the new keys of an account.
type credential struct {
	Kind string `parser:"@( 'BUCKET' | 'RAM' ) 'USER'"`
	User value  `parser:"@@"`
	keys
}

// keys are an access key and its secret key.
type keys struct {
	AK value `parser:"'ACCESS' 'KEY' @@"`
	SK value `parser:"'IDENTIFIED' 'BY' @@"`
}

func (k *keys) resolve(x *execution) (ak, sk string, err error) {
	if ak, err = x.secret(&k.AK); err != nil {
		return "", "", err
	}
	sk, err = x.secret(&k.SK)
	return ak, sk, err
}

func (c *alterInstance) run(ctx context.Context, x *execution) (*session.Result, error) {
	p, err := x.named(ctx, &c.Name)
	if err != nil {
		return nil, err
	}
	req := &pb.AlterInstanceRequest{InstanceId: &p.instance}
	switch {
	case c.Rotated != nil:
		err = c.rotate(ctx, x, p)
	case strings.EqualFold(c.SSE, "ENABLE"):
		req.Op = pb.AlterInstanceRequest_ENABLE_SSE.Enum()
		err = x.EnableInstanceSSE(ctx, req)
	default:
		req.Op = pb.AlterInstanceRequest_DISABLE_SSE.Enum()
		err = x.DisableInstanceSSE(ctx, req)
	}
	if err != nil {
		return nil, err
	}
	return x.done(), nil
}

func (c *alterInstance) rotate(ctx context.Context, x *execution, p place) error {
	req := &pb.UpdateAkSkRequest{InstanceId: &p.instance}
	for i := range c.Rotated {
		given := &c.Rotated[i]
		user, err := x.text(&given.User)
		if err != nil {
			return err
		}
		ak, sk, err := given.resolve(x)
		if err != nil {
			return err
		}
		account := &pb.RamUserPB{UserId: &user, Ak: &ak, Sk: &sk}
		switch {
		case strings.EqualFold(given.Kind, "BUCKET"):
			req.InternalBucketUser = append(req.InternalBucketUser, account)
		case req.RamUser != nil:
			return invalid("RAM USER is given more than once, an instance has one")
		default:
			req.RamUser = account
		}
	}
	return x.UpdateAkSk(ctx, req)
}
