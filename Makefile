# SPDX-License-Identifier: Apache-2.0
# Builds, checks and installs vfmond. `make help` lists the targets.

VERSION := $(shell cat VERSION)
BUILD ?= build
prefix ?= /usr
bindir ?= $(prefix)/bin
sbindir ?= $(prefix)/sbin
libexecdir ?= $(prefix)/libexec
datadir ?= $(prefix)/share
mandir ?= $(datadir)/man
unitdir ?= $(prefix)/lib/systemd/system
sysusersdir ?= $(prefix)/lib/sysusers.d
catalogdir ?= $(prefix)/lib/systemd/catalog
udevrulesdir ?= $(prefix)/lib/udev/rules.d
INSTALL ?= install
CFLAGS ?= -O2 -g
V ?= 0
Q := $(if $(filter 1,$(V)),,@)

PKGS := libudev libevent libnl-3.0 libnl-route-3.0 json-c libsystemd smartcols
TEST_PKGS := cmocka
PKG_MISSING := $(shell for p in $(PKGS); do pkg-config --exists $$p || echo $$p; done)
NO_LIBRARIES := help clean dist check-layers format check-format
ifneq ($(PKG_MISSING),)
ifneq ($(filter-out $(NO_LIBRARIES),$(or $(MAKECMDGOALS),all)),)
$(error missing libraries: $(PKG_MISSING); ./bootstrap.sh installs them)
endif
endif

WARNINGS := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wswitch-enum -Wundef \
	-Wformat=2 -Wvla -Wcast-qual -Wwrite-strings
HARDENING := -fstack-protector-strong -D_FORTIFY_SOURCE=2 -fPIE
REQ_CFLAGS := -std=gnu11 $(WARNINGS) $(HARDENING) -D_GNU_SOURCE -Iinclude -I$(BUILD)/include \
	-DVFMON_VERSION='"$(VERSION)"' $(shell pkg-config --cflags $(PKGS) 2>/dev/null) -MMD -MP
REQ_LDFLAGS := -pie -Wl,-z,relro,-z,now -pthread
ALL_CFLAGS = $(REQ_CFLAGS) $(CFLAGS)

LIBS_core := $(shell pkg-config --libs json-c 2>/dev/null)
LIBS_monitor := $(shell pkg-config --libs libudev libevent libnl-3.0 libnl-route-3.0 libsystemd 2>/dev/null) $(LIBS_core)
LIBS_cli := $(shell pkg-config --libs smartcols json-c 2>/dev/null)
LIBS_test := $(shell pkg-config --libs $(TEST_PKGS) 2>/dev/null)

obj = $(patsubst %.c,$(BUILD)/%.o,$(1))
MAINS := monitor/main.c monitor/main_simulated.c cli/main.c sim/main.c
CORE := $(call obj,$(wildcard src/*.c))
MONITOR := $(call obj,$(filter-out $(MAINS),$(wildcard monitor/*.c)))
CLI := $(call obj,$(wildcard cli/*.c))
SIM := $(call obj,$(filter-out $(MAINS),$(wildcard sim/*.c)))
TEST_LIB := $(call obj,$(wildcard tests/lib/*.c))
PROGRAMS := $(addprefix $(BUILD)/,vfmond vfmond-simulated vfmonctl vfmond-sim)
UNIT := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/unit/test_*.c))
COMPONENT := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/component/test_*.c))
GENERATED := $(BUILD)/include/interface_text.h $(BUILD)/include/standard_names.h

.PHONY: all help
all: $(PROGRAMS) ## build the programs (default)

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  %-18s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(BUILD)/%.o: %.c | $(GENERATED)
	@mkdir -p $(@D)
	$(if $(Q),@echo "  CC  $<")
	$(Q)$(CC) $(ALL_CFLAGS) -c -o $@ $<

# The interface is served as it is in the file: one text, one place.
$(BUILD)/include/interface_text.h: include/vfmon/io.vfmon.Monitor.varlink
	@mkdir -p $(@D)
	$(Q)sed -e 's/\\/\\\\/g' -e 's/"/\\"/g' -e 's/\t/\\t/g' -e 's/^/"/' -e 's/$$/\\n"/' $< >$@

# Nova's standard names, one a line, as C strings.
$(BUILD)/include/standard_names.h: src/data/standard-resource-classes.txt src/data/standard-traits.txt
	@mkdir -p $(@D)
	$(Q){ echo 'static const char *const standard_resource_classes[] = {'; \
		LC_ALL=C sort src/data/standard-resource-classes.txt | sed -n 's/^[A-Z].*/\t"&",/p'; echo '};'; \
		echo 'static const char *const standard_traits[] = {'; \
		LC_ALL=C sort src/data/standard-traits.txt | sed -n 's/^[A-Z].*/\t"&",/p'; echo '};'; } >$@

$(BUILD)/libvfmon.a: $(CORE)
$(BUILD)/libvfmond.a: $(MONITOR)
$(BUILD)/libvfmondsim.a: $(SIM)
$(BUILD)/libtest.a: $(TEST_LIB)
%.a:
	$(if $(Q),@echo "  AR  $@")
	$(Q)rm -f $@ && $(AR) rcs $@ $^

link = $(if $(Q),@echo "  LD  $@";) $(CC) $(ALL_CFLAGS) $(REQ_LDFLAGS) $(LDFLAGS) -o $@ $(1)
$(BUILD)/vfmond: $(BUILD)/monitor/main.o $(BUILD)/libvfmond.a $(BUILD)/libvfmon.a
	$(call link,$^ $(LIBS_monitor))
$(BUILD)/vfmond-simulated: $(BUILD)/monitor/main_simulated.o $(BUILD)/libvfmond.a $(BUILD)/libvfmon.a
	$(call link,$^ $(LIBS_monitor))
$(BUILD)/vfmonctl: $(CLI) $(BUILD)/libvfmon.a
	$(call link,$^ $(LIBS_cli))
$(BUILD)/vfmond-sim: $(BUILD)/sim/main.o $(BUILD)/libvfmondsim.a $(BUILD)/libvfmon.a
	$(call link,$^)
$(BUILD)/tests/unit/test_sim_%: $(BUILD)/tests/unit/test_sim_%.o $(BUILD)/libvfmondsim.a $(BUILD)/libvfmon.a
	$(call link,$^ $(LIBS_test))
$(BUILD)/tests/unit/test_%: $(BUILD)/tests/unit/test_%.o $(BUILD)/libtest.a $(BUILD)/libvfmond.a $(BUILD)/libvfmon.a
	$(call link,$^ $(LIBS_test) $(LIBS_monitor))
$(BUILD)/tests/component/test_%: $(BUILD)/tests/component/test_%.o $(BUILD)/libtest.a $(BUILD)/libvfmond.a $(BUILD)/libvfmon.a
	$(call link,$^ $(LIBS_test) $(LIBS_monitor))
.SECONDARY:

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
