import KerasGraph
import Testing

@testable import KerasOneDNNBackend

/// The number formats of a graph hang on its types, the precision asked for and the CPU alone.
struct PrecisionPlanTests {
  /// A convolution with all its gradients, pooling and a classifier, whose operands are cast to `type`; and what the
  /// plan says of each: the numbers that are multiplied, those that come out, and those that are stored.
  private func plan(
    _ type: DataType, _ precision: Precision, on cpu: InstructionSet, filters: Int = 48
  ) throws -> (lines: [String], notes: [String]) {
    let builder = GraphBuilder()
    func input(_ lengths: [Int]) throws(KerasError) -> Value {
      try builder.cast(builder.input(TensorSpec(Shape(lengths))), to: type)
    }
    let (x, kernel, window) = (try input([2, 8, 8, 64]), try input([3, 3, 64, filters]), Window([3, 3]))
    let y = try builder.unary(.relu, try builder.convolution(x, kernel: kernel, window: window))
    let dx = try builder.transposedConvolution(y, kernel: kernel, window: window, lengths: [8, 8])
    let dk = try builder.convolutionKernelGradient(image: x, upstream: y, window: window)
    let pooled = try builder.pooling(.maximum, y, window: Window([6, 6]))
    let rows = try builder.reshape(pooled, to: [2, filters])
    let scores = try builder.unary(.tanh, try builder.matrixMultiply(rows, try input([filters, 40])))
    let probabilities = try builder.softmax(try builder.unary(.square, scores))
    let results = try [probabilities, builder.unary(.negate, dx), dk].map { value throws(KerasError) in
      try builder.cast(value, to: .float32)
    }
    let graph = builder.finish(returning: results)
    let plan = PrecisionPlan(for: graph, precision: precision, on: cpu)
    let lines = graph.nodes.indices.compactMap { index -> String? in
      let operation = graph.nodes[index].operation
      switch operation {
      case .input, .cast, .reshape: return nil
      default:
        let (stored, product) = (plan.type(of: Value(node: index)), plan.productType(of: index))
        let computed = PrecisionPlan.computedType(of: operation, stored: stored, productType: product)
        return "\(operation.name) of \(product): \(computed), stored as \(stored)"
      }
    }
    return (lines, plan.notes)
  }

  private static let note = "This CPU does not multiply bfloat16 numbers: computed in float32."

  @Test(arguments: InstructionSet.allCases) func float32StaysFloat32(cpu: InstructionSet) throws {
    let (lines, notes) = try plan(.float32, .float32, on: cpu)
    #expect(lines.allSatisfy { $0.hasSuffix(" of float32: float32, stored as float32") }, "\(lines)")
    #expect(notes == [])
  }

  @Test(arguments: [Precision.float32, .bfloat16]) func aGraphsBFloat16IsMultipliedWhereTheCPUDoes(
    precision: Precision
  ) throws {
    for filters in [16, 48] {
      let (lines, notes) = try plan(.bfloat16, precision, on: .avx512BFloat16, filters: filters)
      #expect(
        lines == [
          "convolution of bfloat16: bfloat16, stored as bfloat16",
          "unary of float32: bfloat16, stored as bfloat16",
          "transposedConvolution of bfloat16: bfloat16, stored as bfloat16",
          "convolutionKernelGradient of bfloat16: float32, stored as bfloat16",
          "pooling of bfloat16: bfloat16, stored as bfloat16",
          "matrixMultiply of bfloat16: bfloat16, stored as bfloat16",
          "unary of float32: bfloat16, stored as bfloat16",
          "unary of float32: bfloat16, stored as bfloat16",
          "softmax of float32: bfloat16, stored as bfloat16",
          "unary of float32: bfloat16, stored as bfloat16",
        ])
      #expect(notes == [])
    }
  }

  @Test(arguments: [InstructionSet.upToAVX2, .avx512], [Precision.float32, .bfloat16])
  func elsewhereItsProductsAreOfFloat32(cpu: InstructionSet, precision: Precision) throws {
    let (lines, notes) = try plan(.bfloat16, precision, on: cpu)
    #expect(
      lines == [
        "convolution of float32: float32, stored as bfloat16",
        "unary of float32: bfloat16, stored as bfloat16",
        "transposedConvolution of float32: float32, stored as bfloat16",
        "convolutionKernelGradient of float32: float32, stored as bfloat16",
        "pooling of float32: float32, stored as bfloat16",
        "matrixMultiply of float32: float32, stored as bfloat16",
        "unary of float32: bfloat16, stored as bfloat16",
        "unary of float32: bfloat16, stored as bfloat16",
        "softmax of float32: bfloat16, stored as bfloat16",
        "unary of float32: bfloat16, stored as bfloat16",
      ])
    #expect(notes == [Self.note])
  }

  @Test(arguments: InstructionSet.allCases, [Precision.float32, .bfloat16])
  func float16IsComputedInFloat32(cpu: InstructionSet, precision: Precision) throws {
    let (lines, _) = try plan(.float16, precision, on: cpu)
    #expect(lines.allSatisfy { $0.hasSuffix(" of float32: float32, stored as float16") }, "\(lines)")
  }

  @Test func askingForBFloat16LetsFloat32BeNarrow() throws {
    let (lines, notes) = try plan(.float32, .bfloat16, on: .avx512BFloat16)
    #expect(
      lines == [
        "convolution of bfloat16: bfloat16, stored as bfloat16",
        "unary of float32: bfloat16, stored as bfloat16",
        "transposedConvolution of bfloat16: bfloat16, stored as bfloat16",
        "convolutionKernelGradient of bfloat16: float32, stored as float32",
        "pooling of bfloat16: bfloat16, stored as bfloat16",
        "matrixMultiply of bfloat16: bfloat16, stored as bfloat16",
        "unary of float32: bfloat16, stored as bfloat16",
        "unary of float32: float32, stored as float32",
        "softmax of float32: float32, stored as float32",
        "unary of float32: float32, stored as float32",
      ])
    #expect(notes == [])
  }

  @Test func thinConvolutionsStayFloat32WhenTheGraphSaysSo() throws {
    let (lines, _) = try plan(.float32, .bfloat16, on: .avx512BFloat16, filters: 32)
    #expect(
      lines == [
        "convolution of float32: float32, stored as float32",
        "unary of float32: bfloat16, stored as bfloat16",
        // Its filters are the image's 64 channels.
        "transposedConvolution of bfloat16: bfloat16, stored as bfloat16",
        "convolutionKernelGradient of float32: float32, stored as float32",
        "pooling of bfloat16: bfloat16, stored as bfloat16",
        "matrixMultiply of bfloat16: bfloat16, stored as bfloat16",
        "unary of float32: bfloat16, stored as bfloat16",
        "unary of float32: float32, stored as float32",
        "softmax of float32: float32, stored as float32",
        "unary of float32: float32, stored as float32",
      ])
  }

  @Test(arguments: [InstructionSet.upToAVX2, .avx512])
  func askingForBFloat16InVainIsNoted(cpu: InstructionSet) throws {
    let (lines, notes) = try plan(.float32, .bfloat16, on: cpu)
    #expect(lines.allSatisfy { $0.hasSuffix(" of float32: float32, stored as float32") }, "\(lines)")
    #expect(notes == [Self.note])
  }
}
