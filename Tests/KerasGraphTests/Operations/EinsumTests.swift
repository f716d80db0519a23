import KerasBackendTestSupport
import KerasGraph
import KerasOpenBLASBackend
import Testing

/// Sums of products against a sum over all indices, one by one.
struct EinsumTests {
  /// An equation drawn at random, and operands that fit it.
  struct Problem: CustomTestStringConvertible {
    var equation: String
    var operands: [Tensor]
    var terms: [String]
    var output: String
    var testDescription: String { "\(equation) on \(operands.map(\.shape))" }

    init(number: Int) {
      var choices = RandomChoices(seed: 5, number: number)
      let letters = Array("abcde")
      let lengths = letters.map { _ in choices.integer(in: 1...4) }
      let count = choices.element(of: [1, 2, 2, 2, 3])
      let drawn = (0..<count).map { _ in
        let kept = choices.shuffled(letters).prefix(choices.integer(in: 1...4))
        // A letter twice takes the diagonal.
        return String(kept) + (choices.oneIn(6) ? String(kept.prefix(1)) : "")
      }
      let used = letters.filter { letter in drawn.contains { $0.contains(letter) } }
      terms = drawn
      output = String(choices.shuffled(used).prefix(choices.integer(in: 0...used.count)))
      equation = drawn.joined(separator: ",") + "->" + output
      operands = []
      for term in terms {
        // An axis of length 1 stretches, but not along a diagonal.
        let shape = term.map { letter in
          let length = lengths[letters.firstIndex(of: letter) ?? 0]
          return term.filter { $0 == letter }.count == 1 && choices.oneIn(8) ? 1 : length
        }
        operands.append(choices.tensor(shape))
      }
    }

    /// The definition: for every choice of indices one product.
    var expected: [Double] {
      var lengths: [Character: Int] = [:]
      for (term, operand) in zip(terms, operands) {
        for (letter, length) in zip(term, operand.shape) {
          lengths[letter] = max(lengths[letter] ?? 1, length)
        }
      }
      let letters = Array(output) + lengths.keys.filter { !output.contains($0) }.sorted()
      let resultCount = output.reduce(1) { $0 * (lengths[$1] ?? 1) }
      let all = letters.reduce(1) { $0 * (lengths[$1] ?? 1) }
      let values = operands.map { $0.scalars(as: Double.self) }
      var result = [Double](repeating: 0, count: resultCount)
      for number in 0..<all {
        var index: [Character: Int] = [:]
        var rest = number
        for letter in letters.reversed() {
          let length = lengths[letter] ?? 1
          (index[letter], rest) = (rest % length, rest / length)
        }
        var product = 1.0
        for (position, term) in terms.enumerated() {
          let place = zip(term, operands[position].shape).reduce(0) { place, axis in
            place * axis.1 + (axis.1 == 1 ? 0 : index[axis.0] ?? 0)
          }
          product *= values[position][place]
        }
        result[number / (all / max(resultCount, 1))] += product
      }
      return result
    }
  }

  @Test(arguments: (0..<300).map(Problem.init(number:))) func sumOfProducts(_ problem: Problem) throws {
    let builder = GraphBuilder()
    let inputs = problem.operands.map { builder.input($0.spec) }
    let output = try builder.einsum(problem.equation, inputs)
    let graph = builder.finish(returning: [output])
    let result = try OpenBLASBackend().prepare(graph, options: ProgramOptions()).run(problem.operands)[0]
    let want = problem.expected
    #expect(result.elementCount == want.count)
    for (got, want) in zip(result.scalars(as: Double.self), want) {
      #expect(Tolerance.summing(1024).accepts(got, want))
    }
  }

  @Test(
    arguments: [
      ("ab,bc->ac", [[2, 3], [3, 4]]), ("bqnh,bknh->bnqk", [[2, 3, 2, 4], [2, 5, 2, 4]]),
      ("abc,cb->a", [[2, 3, 4], [4, 3]]), ("aab,b->a", [[3, 3, 2], [2]]),
      ("ab,c,cd->bd", [[2, 3], [4], [4, 2]]),
    ] as [(String, [[Int]])])
  func gradient(_ equation: String, _ shapes: [[Int]]) throws {
    let builder = GraphBuilder()
    let output = try builder.einsum(equation, shapes.map { builder.input(TensorSpec($0)) })
    var choices = RandomChoices(seed: 3, number: 0)
    let inputs = shapes.map { choices.tensor($0) }
    #expect(try checkGradient(of: builder.finish(returning: [output]), at: inputs) == nil)
  }

  @Test(
    arguments: [
      ("...ab,bc->...ac", [[nil, nil, 3, 4], [4, 5]], "(None, None, 3, 5)"),
      ("btd,dnh->btnh", [[nil, nil, 6], [6, 2, 3]], "(None, None, 2, 3)"),
      ("bqnh,bknh->bnqk", [[nil, nil, 2, 3], [nil, nil, 2, 3]], "(None, 2, None, None)"),
      ("bnqk,bknh->bqnh", [[nil, 2, nil, nil], [nil, nil, 2, 3]], "(None, None, 2, 3)"),
      ("ij,jk", [[nil, 3], [3, 4]], "(None, 4)"), ("...i,...i", [[2, 1, 3], [5, 3]], "(2, 5)"),
      ("ba", [[2, 3]], "(3, 2)"), ("b...->...b", [[2, nil, 3]], "(None, 3, 2)"),
    ] as [(String, [Shape], String)])
  func shapes(_ equation: String, _ shapes: [Shape], _ expected: String) throws {
    let builder = GraphBuilder()
    let output = try builder.einsum(equation, shapes.map { builder.input(TensorSpec($0)) })
    #expect(builder.shape(of: output).description == expected)
  }

  @Test(
    arguments: [
      ("ab,bc->ac", [[2, 3]], "The equation `ab,bc->ac` is for 2 operands, found 1."),
      (
        "abc->a", [[2, 3]],
        "`abc` in the equation `abc->a` does not name the axes of an operand with 2 of them."
      ),
      ("ab->c", [[2, 3]], "The result of the equation `ab->c` names an axis that no operand has."),
      ("ab->aa", [[2, 3]], "The result of the equation `ab->aa` names an axis twice."),
      (
        "a1->a", [[2, 3]],
        "`1` does not belong into an equation, found `a1->a`.\n  try: name axes by letters, as in \"ab,bc->ac\"."
      ),
      ("......a->a", [[2, 3]], "`...` appears twice in one term of the equation `......a->a`."),
      (
        "ab,bc->ac", [[2, 3], [4, 5]],
        "Axes of one name must have one length, found 3 and 4 in float32(2, 3) and float32(4, 5).\n  in: ab,bc->ac"
      ),
    ] as [(String, [[Int]], String)])
  func mistakes(_ equation: String, _ shapes: [[Int]], _ message: String) {
    let builder = GraphBuilder()
    let inputs = shapes.map { builder.input(TensorSpec($0)) }
    let error = #expect(throws: KerasError.self) { try builder.einsum(equation, inputs) }
    #expect(error?.description == message)
  }
}
