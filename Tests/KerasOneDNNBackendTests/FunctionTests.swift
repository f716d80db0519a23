import Glibc
import KerasGraph
import KerasKernels
import KerasOneDNNBackend
import Testing

/// The C functions against double precision, in units of the last place of float32.
struct FunctionTests {
  struct Case: CustomStringConvertible, Sendable {
    let function: UnaryFunction
    let range: ClosedRange<Double>
    let exact: @Sendable (Double) -> Double
    var description: String { "\(function) on \(range)" }
  }

  static let cases: [Case] = [
    Case(function: .exponential, range: -100...88, exact: { exp($0) }),
    Case(function: .tanh, range: -10...10, exact: { Glibc.tanh($0) }),
    Case(function: .tanh, range: -0.7...0.7, exact: { Glibc.tanh($0) }),
    Case(function: .sigmoid, range: -80...20, exact: { 1 / (1 + exp(-$0)) }),
    Case(function: .elu(alpha: 1), range: -20...1, exact: { $0 > 0 ? $0 : expm1($0) }),
    Case(function: .elu(alpha: 1), range: -0.01...0, exact: { expm1($0) }),
    Case(function: .logarithm, range: 1e-30...5, exact: { log($0) }),
    Case(function: .logarithm, range: 0.9...1.1, exact: { log($0) }),
    Case(function: .softplus, range: -80...30, exact: { $0 > 0 ? $0 + log1p(exp(-$0)) : log1p(exp($0)) }),
    Case(function: .softsign, range: -9...9, exact: { $0 / (1 + abs($0)) }),
    Case(function: .reciprocalSquareRoot, range: 1e-6...9, exact: { 1 / $0.squareRoot() }),
  ]

  /// 20,001 numbers: several chunks, and an odd end.
  @Test(arguments: cases)
  func isExactToThreeUnits(test: Case) throws {
    let width = test.range.upperBound - test.range.lowerBound
    let numbers = (0...20_000).map { Float(test.range.lowerBound + width * Double($0) / 20_000) }
    let results = try apply(test.function, to: numbers)
    let errors = zip(numbers, results).map { x, y in
      let exact = test.exact(Double(x))
      return abs(Double(y) - exact) / max(Double(Float(exact).ulp), Double(Float.leastNormalMagnitude))
    }
    #expect(errors.allSatisfy { $0 <= 3 }, "\(errors.max() ?? 0) units")
  }

  @Test func specialNumbers() throws {
    let numbers: [Float] = [.infinity, -.infinity, .nan, 0]
    #expect(try apply(.exponential, to: numbers).prefix(2) == [.infinity, 0])
    #expect(try apply(.tanh, to: numbers).prefix(2) == [1, -1])
    #expect(try apply(.sigmoid, to: numbers).prefix(2) == [1, 0])
    #expect(try apply(.softplus, to: numbers).prefix(2) == [.infinity, 0])
    #expect(try apply(.relu, to: numbers).prefix(2) == [.infinity, 0])
    let logarithms = try apply(.logarithm, to: numbers)
    #expect(logarithms[0] == .infinity && logarithms[1].isNaN && logarithms[3] == -.infinity)
    for function in [
      UnaryFunction.exponential, .tanh, .sigmoid, .softplus, .logarithm, .elu(alpha: 1), .relu,
    ] {
      #expect(try apply(function, to: numbers)[2].isNaN, "\(function)")
    }
  }

  @Test func bfloat16RoundsAsTheCoreDoes() {
    let patterns = (0..<65_536).map { UInt32($0) &* 65_537 &+ 0x7FFF }
    let numbers =
      patterns.map(Float.init(bitPattern:)) + [.nan, .infinity, -.infinity, 1.00390625, 1.01171875]
    var rounded = [UInt16](repeating: 0, count: numbers.count)
    kk_convert(numbers, KK_FLOAT32, &rounded, KK_BFLOAT16, numbers.count)
    #expect(rounded == numbers.map { BFloat16($0).bitPattern })
    var widened = [Float](repeating: 0, count: numbers.count)
    kk_convert(rounded, KK_BFLOAT16, &widened, KK_FLOAT32, numbers.count)
    #expect(zip(widened, rounded).allSatisfy { $0.bitPattern == UInt32($1) << 16 })
  }

  /// Every bfloat16 number times its sigmoid: the nearest bfloat16 number or one beside it.
  @Test func gatesInBFloat16() throws {
    let builder = GraphBuilder()
    let numbers = (UInt16.min...UInt16.max).map(BFloat16.init(bitPattern:))
    let x = builder.input(TensorSpec([numbers.count], .bfloat16))
    let graph = builder.finish(returning: [try builder.multiply(x, try builder.unary(.sigmoid, x))])
    let program = try OneDNNBackend().prepare(graph)
    #expect(program.plan.contains { $0.contains("sigmoid, multiply") }, "\(program.plan)")
    let got: [BFloat16] = try program.run([Tensor(numbers)])[0].scalars()
    let wrong = zip(numbers, got).filter { x, y in
      let (x, y) = (Float(x), Float(y))
      if x.isNaN { return !y.isNaN }
      if x == -.infinity { return false }
      let exact = Double(x) / (1 + exp(-Double(x)))
      let unit = max(Double(Float(exact).ulp) * 65_536, 2e-35)
      return abs(Double(y) - exact) > unit && Double(y) != exact
    }
    #expect(wrong.isEmpty, "\(wrong.prefix(3).map { (Float($0), Float($1)) })")
  }

  private func apply(_ function: UnaryFunction, to numbers: [Float]) throws -> [Float] {
    let builder = GraphBuilder()
    let x = builder.input(TensorSpec([numbers.count]))
    let graph = builder.finish(returning: [try builder.unary(function, x)])
    return try OneDNNBackend().prepare(graph).run([Tensor(numbers)])[0].scalars()
  }
}
