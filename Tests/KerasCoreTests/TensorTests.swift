import KerasCore
import Testing

struct TensorTests {
  @Test func holdsElementsInRowMajorOrder() throws {
    let tensor = try Tensor([1, 2, 3, 4, 5, 6] as [Float], shape: [2, 3])
    #expect(tensor.spec == TensorSpec([2, 3], .float32))
    #expect((tensor.rank, tensor.elementCount, tensor.byteCount) == (2, 6, 24))
    #expect(tensor.scalars() as [Float] == [1, 2, 3, 4, 5, 6])
  }

  @Test func makesScalarsVectorsAndFills() {
    #expect(Tensor(scalar: 7 as Int32).spec == TensorSpec([Int](), .int32))
    #expect(Tensor([true, false]).spec == TensorSpec([2], .bool))
    #expect(Tensor(repeating: 2.5 as Double, shape: [2, 2]).scalars() as [Double] == [2.5, 2.5, 2.5, 2.5])
    #expect(Tensor(zeros: [3], .int64).scalars() as [Int64] == [0, 0, 0])
    #expect(Tensor(zeros: [0, 5]).scalars() as [Float] == [])
  }

  @Test(arguments: [[2, 2], [-1, -3], [.max, .max], [.max, 2], [0, 3]])
  func refusesShapesOfAnotherSize(shape: [Int]) {
    let error = #expect(throws: KerasError.self) { _ = try Tensor([1, 2, 3] as [Float], shape: shape) }
    #expect(
      error?.description == """
        Shape \(shape) does not hold 3 elements.
          try: pass exactly the product of the shape's lengths.
        """)
  }

  @Test func memoryIsAligned() {
    for length in [1, 3, 100] {
      let address = Tensor(zeros: [length]).withUnsafeBytes { UInt(bitPattern: $0.baseAddress) }
      #expect(address % 64 == 0)
    }
  }

  @Test func reshapingSharesStorage() throws {
    let tensor = Tensor([1, 2, 3, 4] as [Float])
    let square = try tensor.reshaped(to: [2, 2])
    #expect(square.shape == [2, 2])
    #expect(try square.reshaped(to: [4]).isIdentical(to: tensor))
    #expect(!square.isIdentical(to: tensor))
    let error = #expect(throws: KerasError.self) { _ = try tensor.reshaped(to: [3]) }
    #expect(error?.description == "Shape [4] cannot become [3]: the sizes differ.")
  }

  @Test func rowsAreViews() throws {
    let tensor = try Tensor([0, 1, 2, 3, 4, 5, 6, 7] as [Int32], shape: [4, 2])
    let middle = try tensor.rows(1..<3)
    #expect(middle.shape == [2, 2])
    #expect(middle.scalars() as [Int32] == [2, 3, 4, 5])
    #expect(try middle.rows(1..<2).scalars() as [Int32] == [4, 5])
    #expect(try tensor.rows(2..<2).elementCount == 0)
    let address = { (tensor: Tensor) in tensor.withUnsafeBytes { $0.baseAddress } }
    #expect(address(middle) == address(tensor).map { $0 + 8 })
  }

  @Test func rowsOutsideAreRefused() throws {
    let tensor = try Tensor([0, 1, 2, 3] as [Float], shape: [2, 2])
    let outside = #expect(throws: KerasError.self) { _ = try tensor.rows(1..<3) }
    #expect(outside?.description == "Rows 1..<3 are not all in a tensor of shape [2, 2].")
    let scalar = #expect(throws: KerasError.self) { _ = try Tensor(scalar: 1 as Float).rows(0..<1) }
    #expect(scalar?.description == "Rows 0..<1 are not all in a tensor of shape [].")
  }

  @Test func viewsKeepTheirOwnerAlive() {
    final class Owner {
      let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: 8, alignment: 8)
      let onDeath: () -> Void
      init(onDeath: @escaping () -> Void) {
        self.onDeath = onDeath
        bytes.storeBytes(of: 1.5 as Float, as: Float.self)
        bytes.storeBytes(of: 2.5 as Float, toByteOffset: 4, as: Float.self)
      }
      deinit {
        bytes.deallocate()
        onDeath()
      }
    }
    var isAlive = true
    do {
      var view: Tensor?
      do {
        let owner = Owner { isAlive = false }
        view = Tensor(viewing: UnsafeRawBufferPointer(owner.bytes), shape: [2], .float32, owner: owner)
      }
      #expect(isAlive)
      #expect(view?.scalars(as: Float.self) == [1.5, 2.5])
      view = nil
    }
    #expect(!isAlive)
  }

  @Test func elementCountsDoNotOverflow() {
    #expect(checkedElementCount([]) == 1)
    #expect(checkedElementCount([2, 0, .max]) == 0)
    #expect(checkedElementCount([1 << 32, 1 << 32]) == nil)
    #expect(checkedElementCount([3, -1]) == nil)
  }
}
