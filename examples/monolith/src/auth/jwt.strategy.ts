import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import { ExtractJwt, Strategy } from 'passport-jwt';
import { required } from '../environment';

/** The platform's own strategy, under passport's usual name `jwt`. */
@Injectable()
export class JwtStrategy extends PassportStrategy(Strategy) {
  constructor() {
    super({
      jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken(),
      secretOrKey: required('JWT_SECRET'),
      algorithms: ['HS256'],
    });
  }

  validate({ sub }: { sub: string }): { id: string } {
    return { id: sub };
  }
}
