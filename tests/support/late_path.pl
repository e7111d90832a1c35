# Two tap devices joined by a path that loses and reorders. Of the TCP segments without SYN, FIN and RST
# that have at least 1000 bytes it drops every 31st of a connection's direction; of the others it holds back
# every 9th until one, and the next time two, that follow it in the sequence have passed. An answer to
# a SYN takes 0.1 s: what is held back for a shorter time comes sooner than a round trip. Writes "ready"
# when both devices are there, and when SIGTERM ends the path, not the devices, "one N two N dropped N": what came out at the
# second device late by so many segments, and what never came out there.
#
# perl late_path.pl <name> <name>
use strict;
use warnings;

my $TUNSETIFF = 0x400454ca;    # linux/if_tun.h, _IOW('T', 202, int)
my $FLAGS     = 0x1002;        # IFF_TAP | IFF_NO_PI
my ($FIN, $SYN, $RST) = (1, 2, 4);
my ($LOSS, $DELAY, $LEAST) = (31, 9, 1000);

my @devices = map {
    open(my $device, '+<', '/dev/net/tun') or die "open /dev/net/tun: $!\n";
    ioctl($device, $TUNSETIFF, my $request = pack('a16 S x22', $_, $FLAGS)) or die "TUNSETIFF: $!\n";
    $device;
} @ARGV;
# Addresses and ports, sequence number, flags and payload length of a frame with TCP; no options of IPv6.
sub segment_of {
    my ($frame) = @_;
    my $type = unpack('x12 n', $frame);
    my ($at, $addresses, $protocol, $length);
    if ($type == 0x0800) {
        my $header = 4 * (unpack('x14 C', $frame) & 15);
        ($length, $protocol) = unpack('x16 n x5 C', $frame);
        ($at, $addresses, $length) = (14 + $header, substr($frame, 26, 8), $length - $header);
    } elsif ($type == 0x86dd) {
        ($length, $protocol) = unpack('x18 n C', $frame);
        ($at, $addresses) = (54, substr($frame, 22, 32));
    }
    return unless defined $at && $protocol == 6;
    my ($seq, $offset, $flags) = unpack("x$at x4 N x4 C C", $frame);
    return ($addresses . substr($frame, $at, 4), $seq, $flags, $length - 4 * ($offset >> 4));
}

my %counts = (1 => 0, 2 => 0, dropped => 0);
my %flows;
$SIG{TERM} = sub {
    syswrite(STDOUT, "one $counts{1} two $counts{2} dropped $counts{dropped}\n");
    sleep while 1;
};

sub forward {
    my ($to, $frame) = @_;
    my $send = sub { syswrite($devices[$to], $_[0]) };
    my ($name, $seq, $flags, $length) = segment_of($frame);
    return $send->($frame) unless defined $name;
    select(undef, undef, undef, 0.1) if ($flags & $SYN) && $to == 0;
    my $flow = $flows{$name} //= { seen => 0, whole => 0, delays => 0, held => undef };
    if ($length >= $LEAST && !($flags & ($SYN | $FIN | $RST))) {
        if (++$flow->{seen} % $LOSS == 0) {
            $counts{dropped}++ if $to == 1;
            return;
        }
        if (++$flow->{whole} % $DELAY == 0 && !$flow->{held}) {
            my $behind = 1 + $flow->{delays}++ % 2;
            $flow->{held} = { frame => $frame, seq => $seq, behind => $behind, passed => 0 };
            return;
        }
    }
    $send->($frame);
    my $held = $flow->{held};
    my $ahead = $held ? ($seq - $held->{seq}) & 0xffffffff : 0;
    # An acknowledgment alone has the number of what its sender sends next.
    my $has_number = $length > 0 || $flags & $FIN;
    if ($held && $has_number && $ahead > 0 && $ahead < 1 << 31 && ++$held->{passed} == $held->{behind}) {
        $send->($held->{frame});
        $counts{$held->{behind}}++ if $to == 1;
        $flow->{held} = undef;
    }
}

syswrite(STDOUT, "ready\n");
while (1) {
    my $wanted = '';
    vec($wanted, fileno($_), 1) = 1 for @devices;
    next if select(my $found = $wanted, undef, undef, undef) < 0;
    for my $from (0, 1) {
        next unless vec($found, fileno($devices[$from]), 1);
        next unless sysread($devices[$from], my $frame, 1 << 16);
        forward(1 - $from, $frame);
    }
}
