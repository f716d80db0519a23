import KerasGraph
import Testing

/// What graphs multiply and add, counted by hand.
struct CostTests {
  private func products(_ record: (GraphBuilder) throws -> Value) throws -> Int? {
    let builder = GraphBuilder()
    return builder.finish(returning: [try record(builder)]).multiplyAdds
  }

  @Test func ofConvolutions() throws {
    let products = try products { graph in
      let x = graph.input(TensorSpec([2, 9, 9, 6]))
      let kernel = graph.input(TensorSpec([3, 3, 6, 8]))
      return try graph.convolution(x, kernel: kernel, window: Window([3, 3], strides: [2, 2]))
    }
    // 2 pictures · 4 × 4 places · 8 filters · 3 × 3 × 6.
    #expect(products == 2 * 16 * 8 * 54)
  }

  @Test func ofGroupedConvolutions() throws {
    let products = try products { graph in
      let x = graph.input(TensorSpec([1, 5, 5, 6]))
      let kernel = graph.input(TensorSpec([3, 3, 1, 6]))
      return try graph.convolution(x, kernel: kernel, window: Window([3, 3]), groups: 6)
    }
    #expect(products == 9 * 6 * 9)
  }

  @Test func ofAConvolutionsGradients() throws {
    let builder = GraphBuilder()
    let x = builder.input(TensorSpec([2, 9, 9, 6]))
    let kernel = builder.input(TensorSpec([3, 3, 6, 8]))
    let y = try builder.convolution(x, kernel: kernel, window: Window([3, 3], strides: [2, 2]))
    let forward = try #require(builder.graph.multiplyAdds)
    let gradients = try builder.gradients(from: [(y, builder.input(TensorSpec([2, 4, 4, 8])))], to: [x, kernel])
    // Each costs what the forward run costs.
    #expect(builder.finish(returning: [y] + gradients.compactMap { $0 }).multiplyAdds == 3 * forward)
  }

  @Test func ofMatrixProducts() throws {
    let products = try products { graph in
      let a = graph.input(TensorSpec([4, 7, 5]))
      return try graph.matrixMultiply(a, graph.input(TensorSpec([5, 3])))
    }
    #expect(products == 4 * 7 * 5 * 3)
    let transposed = try self.products { graph in
      let a = graph.input(TensorSpec([4, 5, 7]))
      return try graph.append(
        .matrixMultiply(MatrixMultiplyOperation(transposesFirst: true)), [a, graph.input(TensorSpec([4, 5, 3]))])[0]
    }
    #expect(transposed == 4 * 7 * 5 * 3)
  }

  @Test func ofRecurrence() throws {
    let products = try products { graph in
      let projections = graph.input(TensorSpec([10, 2, 4 * 6]))
      let states = [graph.input(TensorSpec([2, 6])), graph.input(TensorSpec([2, 6]))]
      return try graph.recurrent(
        .lstm, projections: projections, states: states, kernel: graph.input(TensorSpec([6, 24])))[0]
    }
    #expect(products == 10 * 2 * 6 * 24)
  }

  @Test func ofLoops() throws {
    let products = try products { graph in
      let sequence = graph.input(TensorSpec([11, 2, 5]))
      let state = graph.input(TensorSpec([2, 3]))
      let kernel = graph.input(TensorSpec([5, 3]))
      return try graph.scan(states: [state], over: [sequence], capturing: [kernel]) {
        (step, states, elements, captured) throws(KerasError) in
        let product = try step.matrixMultiply(elements[0], captured[0])
        return ([try step.add(states[0], product)], [])
      }.states[0]
    }
    #expect(products == 11 * 2 * 5 * 3)
  }

  @Test func othersMultiplyNothing() throws {
    let products = try products { graph in
      let x = graph.input(TensorSpec([1, 8, 8, 4]))
      return try graph.multiply(graph.unary(.sigmoid, x), x)
    }
    #expect(products == 0)
  }

  @Test func unknownLengthsAndNumbersTooLargeHaveNone() throws {
    for lengths in [[nil, 8, 8, 4], [1 << 40, 8, 8, 4]] as [[Int?]] {
      let products = try products { graph in
        let x = graph.input(TensorSpec(Shape(lengths)))
        let kernel = graph.input(TensorSpec([1, 1, 4, 1 << 30]))
        return try graph.convolution(x, kernel: kernel, window: Window([1, 1]))
      }
      #expect(products == nil)
    }
  }
}
