/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The register of logins on one card, of one user (docs/architecture.md, "The register of
 * logins"). Change the model first when you change the rules.
 *
 * N programs log in, use the card, are refused a PIN, log out, look, have their descriptors
 * closed, and die at any step; another program outside the register resets the card; at the
 * end somebody looks once more. Checked by spin (Tests/Conformance/models.sh, for 2 programs):
 *
 *   spin -a login-register.pml && cc -O2 -DSAFETY -o pan pan.c && ./pan -m100000
 *
 * add -DSILENT_UNREGISTER to spin to see what goes wrong without rule 4, -DKEEP_ENTRIES
 * without rule 5, and -DLOOK_OUTSIDE without rule 1.
 *
 * Rules that the model follows:
 *  1. The card's transaction is the lock: register, then VERIFY; unregister, look, reset.
 *  2. At the end of a login the card is reset if no other entry is live, else left open.
 *  3. An orphaned entry with no live one beside it makes the next looker reset the card.
 *  4. An owner that finds its login lost (reset by somebody else) unregisters by the same step as
 *     a logout: another program's logout may have left the card open because of this stale entry.
 *  5. Whoever of us resets removes all entries of the card, those of running programs too (it may
 *     be one whose PIN was refused): none of these logins stands any more.
 *  6. An owner that finds its descriptor closed by the host enters its login anew, in the
 *     transaction in which it uses the card.
 *
 * What pcscd does: it resets the card when a client dies inside a transaction, and tells every
 * other connection that a reset happened.
 *
 * What is left out: the unblocking code and logout=reset (always a reset, as after a refusal),
 * and logout=leave (never one).
 */
#ifndef N
#define N 2
#endif
/* how often each of these happens at the most, to any of the programs */
#ifndef LOGINS
#define LOGINS 2
#endif
#ifndef KILLS
#define KILLS 2
#endif
#ifndef RESETS
#define RESETS 1
#endif
#define NOBODY 255

mtype = { none, live, orphan };

mtype entry[N];         /* the file: none, locked by its owner, or there and unlocked */
bool believes[N];       /* the program thinks that it is logged in */
bool told[N];           /* PC/SC has a reset to tell this connection */
bool alive[N];
bool done[N];
bool verified;          /* the card: the PIN is presented */
byte txn = NOBODY;      /* who holds the card's transaction */
byte foreign_resets;
byte closings;          /* how often a host closed our descriptor */

/* every other connection learns of a reset when it looks */
inline reset_card(me) {
  d_step {
    verified = false;
    k = 0;
    do
    :: k < N -> if :: k != me -> told[k] = true :: else fi; k++
    :: else -> break
    od;
    k = 0
  }
}

/* rule 5, inside a transaction */
inline reset_and_clear(me) {
  d_step {
    k = 0;
    do
    :: k < N ->
#ifndef KEEP_ENTRIES
       entry[k] = none;
#endif
       k++
    :: else -> break
    od;
    k = 0
  }
  reset_card(me)
}

/* rules 2 and 5, inside a transaction; `me` has no live entry any more */
inline close_if_last(me) {
  d_step {
    others = false; k = 0;
    do
    :: k < N -> if :: k != me && entry[k] == live -> others = true :: else fi; k++
    :: else -> break
    od;
    k = 0
  }
  if
  :: others -> others = false
  :: else ->
     /* nobody of the register may lose a login that still stands, but by its host's doing */
     d_step {
       k = 0;
       do
       :: k < N -> assert(k == me || !alive[k] || !believes[k] || told[k] || closings > 0); k++
       :: else -> break
       od;
       k = 0
     }
     reset_and_clear(me)
  fi
}

proctype program(byte me) {
  byte k; bool others;
  byte rounds = 0;
  {
    do
    :: rounds < LOGINS && !believes[me] ->                    /* C_Login */
       atomic { txn == NOBODY -> txn = me }
       told[me] = false;
       entry[me] = live;                                 /* register, then VERIFY */
       verified = true;
       d_step { believes[me] = true; txn = NOBODY }
       rounds++
    :: rounds < LOGINS && !believes[me] ->                    /* C_Login, the PIN is refused */
       atomic { txn == NOBODY -> txn = me }
       told[me] = false;
       entry[me] = live;
       verified = false;                                 /* the card drops the right one that it had */
       reset_and_clear(me);                              /* so that the others are told */
       txn = NOBODY;
       rounds++
    :: believes[me] ->                                   /* use a key */
       atomic { txn == NOBODY -> txn = me }
       if
       :: told[me] ->                                    /* the login is lost */
          d_step { told[me] = false; believes[me] = false }
          entry[me] = none;
#ifndef SILENT_UNREGISTER
          close_if_last(me)
#endif
       :: else ->
          assert(verified);                              /* rule: a login that stands can be used */
          entry[me] = live                               /* rule 6 */
       fi;
       txn = NOBODY
    :: believes[me] ->                                   /* logout, last close, finalize, exit */
#ifndef LOOK_OUTSIDE
       atomic { txn == NOBODY -> txn = me }
#endif
       d_step { told[me] = false; believes[me] = false }
       entry[me] = none;
       close_if_last(me);
#ifndef LOOK_OUTSIDE
       txn = NOBODY
#endif
    :: !believes[me] ->                                  /* a look by who is not logged in: rule 3 */
       d_step {
         others = false; k = 0;
         do
         :: k < N -> if :: entry[k] == orphan -> others = true :: else fi; k++
         :: else -> break
         od;
         k = 0
       }
       if
       :: others -> others = false;
          atomic { txn == NOBODY -> txn = me }
          told[me] = false;
          close_if_last(me);
          txn = NOBODY
       :: else
       fi
    :: closings < 1 && entry[me] == live ->              /* the host closes all descriptors */
       d_step { entry[me] = orphan; closings++ }
    :: !believes[me] -> break
    od;
    done[me] = true
  } unless { !alive[me] }
}

/* kill -9, _exit, SIGTERM: the kernel unlocks the file, which stays; pcscd resets the card if the
 * program was in a transaction */
active proctype killer() {
  byte k; byte victim;
  byte kills = 0;
  do
  :: kills < KILLS ->
     atomic {
       select(victim : 0 .. N - 1);
       if
       :: alive[victim] && !done[victim] ->
          alive[victim] = false; believes[victim] = false;
          if :: entry[victim] == live -> entry[victim] = orphan :: else fi;
          if :: txn == victim -> txn = NOBODY; reset_card(victim) :: else fi;
          done[victim] = true
       :: else
       fi;
       victim = 0;
       kills++
     }
  :: break
  od
}

/* a program outside of the register */
active proctype stranger() {
  byte k;
  do
  :: foreign_resets < RESETS -> atomic { txn == NOBODY -> foreign_resets++; reset_card(NOBODY) }
  :: break
  od
}

/* after all have ended somebody of ours looks once (rule 3) */
active proctype last_look() {
  byte k; bool others;
  d_step { k = 0; do :: k < N -> entry[k] = none; alive[k] = true; k++ :: else -> break od }
  atomic { k = 0; do :: k < N -> run program(k); k++ :: else -> break od }
  k = 0;
  do :: k < N -> done[k]; k++ :: else -> break od;
  atomic { txn == NOBODY -> txn = NOBODY }
  d_step {
    others = false; k = 0;
    do :: k < N -> if :: entry[k] == orphan -> others = true :: else fi; k++ :: else -> break od
  }
  if :: others -> close_if_last(NOBODY) :: else fi;
  assert(!verified)                                      /* the card is closed */
}
