# Two tun devices joined back to back: what goes out at one comes in at the other, as it is. Writes
# "ready" when both are there. A line "<0|1> <hex>" in the named pipe comes in at that device: struct
# tun_pi of linux/if_tun.h, struct virtio_net_hdr of linux/virtio_net.h, then the packet.
#
# perl tun_pair.pl <name> <name> <named pipe>
use strict;
use warnings;

my $TUNSETIFF = 0x400454ca;    # linux/if_tun.h, _IOW('T', 202, int)
my $FLAGS     = 0x4001;        # IFF_TUN | IFF_VNET_HDR, without IFF_NO_PI

# Also for writing, so that it never comes to its end.
open(my $packets, '+<', pop @ARGV) or die "open: $!\n";
my @devices = map {
    open(my $device, '+<', '/dev/net/tun') or die "open /dev/net/tun: $!\n";
    ioctl($device, $TUNSETIFF, my $request = pack('a16 S x22', $_, $FLAGS)) or die "TUNSETIFF: $!\n";
    $device;
} @ARGV;
syswrite(STDOUT, "ready\n");

# All that lies in the named pipe.
my $lines = '';
sub inject {
    vec(my $pipe = '', fileno($packets), 1) = 1;
    while (select(my $found = $pipe, undef, undef, 0) > 0) {
        return unless sysread($packets, $lines, 1 << 16, length $lines);
        while ($lines =~ s/^([01]) ([0-9a-f]+)\n//) {
            syswrite($devices[$1], pack('H*', $2)) or die "write: $!\n";
        }
    }
}

while (1) {
    my $wanted = '';
    vec($wanted, fileno($_), 1) = 1 for @devices, $packets;
    next if select(my $found = $wanted, undef, undef, undef) < 0;
    # First: what was put there before somebody sent a packet comes in before it.
    inject();
    for my $from (0, 1) {
        next unless vec($found, fileno($devices[$from]), 1);
        next unless sysread($devices[$from], my $packet, 1 << 16);
        syswrite($devices[1 - $from], $packet);
    }
}
