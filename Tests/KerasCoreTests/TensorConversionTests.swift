import KerasCore
import Testing

/// Expected numbers are NumPy's (`astype`), except where floats do not fit an integer: NumPy leaves that
/// to the CPU, we saturate.
struct TensorConversionTests {
  private func convert<Source: TensorScalar, Target: TensorScalar>(_ numbers: [Source], _: Target.Type)
    -> [Target]
  {
    Tensor(numbers).converted(to: Target.dataType).scalars()
  }

  @Test func floatsTruncateTowardsZero() {
    #expect(convert([1.9, -1.9, 0.5, -0.5, 255] as [Float], Int32.self) == [1, -1, 0, 0, 255])
    #expect(convert([1.9, -1.9] as [Double], Int64.self) == [1, -1])
    #expect(convert([199.99, 0.99] as [Float], UInt8.self) == [199, 0])
  }

  @Test func floatsThatDoNotFitSaturate() {
    #expect(
      convert([300, -1, -0.5, .infinity, -.infinity, .nan] as [Float], UInt8.self) == [255, 0, 0, 255, 0, 0])
    #expect(convert([1e10, -1e10] as [Float], Int32.self) == [.max, .min])
    #expect(convert([1e300, -1e300] as [Double], Int64.self) == [.max, .min])
    #expect(convert([128, -129] as [Float], Int8.self) == [127, -128])
  }

  /// `np.array([300, -1, 256]).astype("uint8")` is `[44, 255, 0]`.
  @Test func integersWrap() {
    #expect(convert([300, -1, 256] as [Int32], UInt8.self) == [44, 255, 0])
    #expect(convert([200, 128] as [UInt8], Int8.self) == [-56, -128])
    #expect(convert([1 << 40 | 5, -1] as [Int64], Int32.self) == [5, -1])
    #expect(convert([70_000] as [Int32], Int16.self) == [4464])
  }

  @Test func boolMeansNotZero() {
    #expect(convert([0, -0.0, 0.1, .nan] as [Float], Bool.self) == [false, false, true, true])
    #expect(convert([0, 256, -1] as [Int32], Bool.self) == [false, true, true])
    #expect(convert([true, false], Float.self) == [1, 0])
    #expect(convert([true, false], UInt8.self) == [1, 0])
  }

  /// `np.float32(16777217)` is 16777216; `np.float16(65520)` is infinite; `np.float16(2049)` is 2048.
  @Test func narrowerFloatsRoundToNearestEven() {
    #expect(convert([16_777_217, 16_777_219] as [Int32], Float.self) == [16_777_216, 16_777_220])
    #expect(
      convert([2049, 2051, 65519, 65520, 1e-8] as [Float], Float16.self) == [2048, 2052, 65504, .infinity, 0])
    #expect(convert([0.1] as [Double], Float.self) == [0.1])
    #expect(convert([1e300] as [Double], Float.self) == [.infinity])
  }

  @Test func bfloat16GoesThroughFloat() {
    #expect(convert([1.00390625, 3.14159265] as [Float], BFloat16.self).map(Float.init) == [1, 3.140625])
    #expect(convert([BFloat16(2.5), BFloat16(-0.5)], Double.self) == [2.5, -0.5])
    #expect(convert([BFloat16(2.5)], Int8.self) == [2])
  }

  @Test func theSameTypeSharesStorage() {
    let tensor = Tensor([1, 2] as [Float])
    #expect(tensor.converted(to: .float32).isIdentical(to: tensor))
  }

  @Test(arguments: DataType.allCases, DataType.allCases)
  func smallNumbersSurviveEveryRoute(source: DataType, target: DataType) {
    let numbers = Tensor([0, 1, 1, 0] as [Float]).converted(to: source)
    let converted = numbers.converted(to: target)
    #expect(converted.spec == TensorSpec([4], target))
    #expect(converted.scalars(as: Double.self) == [0, 1, 1, 0])
  }

  @Test func viewsConvertOnlyTheirElements() throws {
    let rows = try Tensor([1, 2, 3, 4] as [Float], shape: [4]).rows(2..<4)
    #expect(rows.converted(to: .int32).scalars(as: Int32.self) == [3, 4])
  }
}
