// ssespec adapter for `@Sse` of NestJS, on Express. No TypeScript: the decorators are called by hand.
import 'reflect-metadata'
import { Body, Controller, HttpCode, Module, RequestMethod, Sse } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { Observable } from 'rxjs'
import { hello, Request } from './protocol.mjs'

class Emitter {
  emit({ steps }) {
    const request = new Request()
    return new Observable((subscriber) => {
      const library = {
        event: (event) => subscriber.next(event),
        comment: (comment) => subscriber.next({ comment }),
      }
      request.play(steps, library).then(
        () => subscriber.complete(),
        (error) => subscriber.error(error),
      )
      return request.left
    })
  }
}
const { prototype } = Emitter
const emit = Object.getOwnPropertyDescriptor(prototype, 'emit')
Sse('emit', { method: RequestMethod.POST })(prototype, 'emit', emit)
HttpCode(200)(prototype, 'emit', emit) // a POST is answered with 201 by default
Body()(prototype, 'emit', 0)
Controller()(Emitter)

class App {}
Module({ controllers: [Emitter] })(App)

const app = await NestFactory.create(App, { logger: ['error'] }) // the rest goes to stdout
app.useBodyParser('json', { limit: '1gb' })
await app.listen(0, '127.0.0.1')
const features = 'event id retry comment data-less disconnect throw'
hello('@nestjs/core', features, app.getHttpServer().address().port)
