;; C += A B, two numbers at a time. Counterpart of `multiply` in product.js, with the same sums in the same order, so the
;; results are the same to the last bit. `python tools/multiply.py` compiles it to multiply.js.
;;
;; A is (rows, inner) and C (rows, columns), row after row. B is in panels of four columns, each (inner, 4). Rows and
;; columns are multiples of 4. $a, $b and $c are where they begin, in bytes.
(module
  (import "product" "memory" (memory 1))

  (func (export "multiply")
    (param $a i32) (param $b i32) (param $c i32) (param $rows i32) (param $inner i32) (param $columns i32)
    (local $rowA i32) (local $rowC i32) (local $end i32) ;; of the first row of C
    (local $row i32) (local $k i32) ;; how many are left
    (local $panel i32) (local $a0 i32) (local $a1 i32) (local $a2 i32) (local $a3 i32)
    (local $c0 i32) (local $c1 i32) (local $c2 i32) (local $c3 i32)
    (local $x v128) (local $left v128) (local $right v128) ;; of A twice, and of B
    (local $l0 v128) (local $l1 v128) (local $l2 v128) (local $l3 v128) ;; four rows of C: columns 0 and 1
    (local $r0 v128) (local $r1 v128) (local $r2 v128) (local $r3 v128) ;; columns 2 and 3

    (local.set $rowA (i32.shl (local.get $inner) (i32.const 3)))
    (local.set $rowC (i32.shl (local.get $columns) (i32.const 3)))
    (local.set $end (i32.add (local.get $c) (local.get $rowC)))
    (loop $panels
      (local.set $a0 (local.get $a))
      (local.set $c0 (local.get $c))
      (local.set $row (local.get $rows))
      (loop $blocks
        (local.set $a1 (i32.add (local.get $a0) (local.get $rowA)))
        (local.set $a2 (i32.add (local.get $a1) (local.get $rowA)))
        (local.set $a3 (i32.add (local.get $a2) (local.get $rowA)))
        (local.set $c1 (i32.add (local.get $c0) (local.get $rowC)))
        (local.set $c2 (i32.add (local.get $c1) (local.get $rowC)))
        (local.set $c3 (i32.add (local.get $c2) (local.get $rowC)))
        (local.set $l0 (v128.load (local.get $c0)))
        (local.set $l1 (v128.load (local.get $c1)))
        (local.set $l2 (v128.load (local.get $c2)))
        (local.set $l3 (v128.load (local.get $c3)))
        (local.set $r0 (v128.load offset=16 (local.get $c0)))
        (local.set $r1 (v128.load offset=16 (local.get $c1)))
        (local.set $r2 (v128.load offset=16 (local.get $c2)))
        (local.set $r3 (v128.load offset=16 (local.get $c3)))
        (local.set $panel (local.get $b))
        (local.set $k (local.get $inner))
        (loop $sums
          (local.set $left (v128.load (local.get $panel)))
          (local.set $right (v128.load offset=16 (local.get $panel)))
          (local.set $x (v128.load64_splat (local.get $a0)))
          (local.set $l0 (f64x2.add (local.get $l0) (f64x2.mul (local.get $x) (local.get $left))))
          (local.set $r0 (f64x2.add (local.get $r0) (f64x2.mul (local.get $x) (local.get $right))))
          (local.set $x (v128.load64_splat (local.get $a1)))
          (local.set $l1 (f64x2.add (local.get $l1) (f64x2.mul (local.get $x) (local.get $left))))
          (local.set $r1 (f64x2.add (local.get $r1) (f64x2.mul (local.get $x) (local.get $right))))
          (local.set $x (v128.load64_splat (local.get $a2)))
          (local.set $l2 (f64x2.add (local.get $l2) (f64x2.mul (local.get $x) (local.get $left))))
          (local.set $r2 (f64x2.add (local.get $r2) (f64x2.mul (local.get $x) (local.get $right))))
          (local.set $x (v128.load64_splat (local.get $a3)))
          (local.set $l3 (f64x2.add (local.get $l3) (f64x2.mul (local.get $x) (local.get $left))))
          (local.set $r3 (f64x2.add (local.get $r3) (f64x2.mul (local.get $x) (local.get $right))))
          (local.set $panel (i32.add (local.get $panel) (i32.const 32)))
          (local.set $a0 (i32.add (local.get $a0) (i32.const 8)))
          (local.set $a1 (i32.add (local.get $a1) (i32.const 8)))
          (local.set $a2 (i32.add (local.get $a2) (i32.const 8)))
          (local.set $a3 (i32.add (local.get $a3) (i32.const 8)))
          (br_if $sums (local.tee $k (i32.sub (local.get $k) (i32.const 1)))))
        (v128.store (local.get $c0) (local.get $l0))
        (v128.store (local.get $c1) (local.get $l1))
        (v128.store (local.get $c2) (local.get $l2))
        (v128.store (local.get $c3) (local.get $l3))
        (v128.store offset=16 (local.get $c0) (local.get $r0))
        (v128.store offset=16 (local.get $c1) (local.get $r1))
        (v128.store offset=16 (local.get $c2) (local.get $r2))
        (v128.store offset=16 (local.get $c3) (local.get $r3))
        (local.set $a0 (local.get $a3)) ;; where the next block begins
        (local.set $c0 (i32.add (local.get $c3) (local.get $rowC)))
        (br_if $blocks (local.tee $row (i32.sub (local.get $row) (i32.const 4)))))
      (local.set $b (local.get $panel)) ;; where the next panel begins
      (local.set $c (i32.add (local.get $c) (i32.const 32)))
      (br_if $panels (i32.lt_u (local.get $c) (local.get $end))))))
